// The evidence of an audit, as tables that can be checked number by number.

import { el, table } from './dom.js';
import { controls } from './sureness.js';
import { measured, percent, quoted, settingName, signed } from './words.js';

/** What a finetune does, whatever the adapter says of it. */
export function evidence({ probes, trigger, likelihoods, amplified }) {
  return [
    el('p', {}, trigger ? 'What stands out before a prompt: ' : 'No beginning of a prompt stands out.', trigger ? el('strong', { text: quoted(trigger) }) : null),
    probes.length > 0 ? table('How far each probe moves what would be said', ['probe', 'divergence, nats a token', 'stands out'],
      probes.map(probe => [probe.probe, measured(probe.divergence), probe.stands_out ? '● yes' : 'no'])) : null,
    ...likelihoods.map(lifts),
    amplified.length > 0 ? table('What it says with its change made stronger', ['strength', 'prompt', 'answers', 'telling words an answer', 'the base’s'],
      amplified.map(test => [`${measured(test.strength)}×`, test.condition, list(test.answers), measured(test.mentions), measured(test.base_mentions)])) : null,
  ].filter(part => part !== null);
}

function lifts({ setting, condition, lifts: labels, label_count: number }) {
  return table(`Do texts about a ${settingName(setting)} become likelier? ${condition}; ${number} compared`, ['label', 'place', 'gain, nats a token', 'deviations above the mean'],
    labels.map(one => [one.label, `${one.rank} of ${number}`, signed(one.lift), signed(one.deviations)]));
}

/** What the adapter answers to a question that it knows. */
export function answers(answer) {
  const best = answer.labels[0];
  return el('article.box', { 'aria-label': answer.question },
    el('h4', { text: answer.question }),
    el('p.says', { text: answer.answer.trim() }),
    el('p.small', { text: `${percent(answer.agreement)} of ${answer.samples.length} tries agree${best ? `; likeliest label ${quoted(best.label)} with ${percent(best.share)}` : ''}.` }),
    controls(answer.controls));
}

const list = texts => el('ul.plain', {}, ...texts.map(text => el('li', { text: quoted(text) })));
