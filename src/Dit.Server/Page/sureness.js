// "How sure is it?": the same question several times, other answers' likelihoods, and the controls, in plain words.

import { byId, el, fill } from './dom.js';
import { post, stopped } from './api.js';
import { percent, quoted } from './words.js';

const SHOWN_LABELS = 5;

/** Asks the server how sure the adapter is. @returns {Promise<object|null>} What it says; null where it failed or was stopped. */
export async function assess(request, signal) {
  try {
    const answer = await post('/api/assess', request, {
      signal,
      onWait: wait => show(el('p.small', { text: `The server is busy; asked again in ${wait} s.` })),
    });
    render(answer);
    return answer;
  } catch (failure) {
    show(el('p.small', stopped(failure) ? { text: 'Stopped.' } : {}, stopped(failure) ? null : el('strong', { text: 'Not known: ' }), stopped(failure) ? null : failure.message));
    return null;
  }
}

/** Says that it comes. */
export const wait = () => show(el('p.small.busy', { text: 'Comes when the answers are there…' }));

/** As before anything was asked. */
export const clear = () => show(el('p.small', { text: 'Ask first: then the question is put several more times, and to things that hold no secret.' }));

function show(...nodes) {
  fill(byId('sureness-body'), ...nodes);
}

function render(answer) {
  show(
    el('p.verdict', { text: inShort(answer) }),
    agreement(answer),
    labels(answer),
    controls(answer.controls));
}

/** The whole in one sentence. A control that fails comes first, as then nothing else counts for much. */
export function inShort(answer) {
  const failing = answer.controls.filter(control => !control.holds).length;
  if (failing > 0) return `Be careful: ${failing === 1 ? 'a control fails' : `${failing} controls fail`}, so this answer proves little.`;
  if (answer.agreement >= 0.75) return answer.says_nothing ? 'It is steady: there is nothing of this kind to tell.' : 'It is steady: asked again and again, it says the same.';
  if (answer.agreement >= 0.4) return 'It wavers: asked again, it often says something else.';
  return 'It guesses: asked again, it mostly says something else.';
}

function agreement(answer) {
  const told = new Map();
  for (const sample of answer.samples) told.set(sample.trim(), (told.get(sample.trim()) ?? 0) + 1);
  const same = Math.round(answer.agreement * answer.samples.length);
  return el('div.part', {},
    el('h4', { text: 'Asked again' }),
    answer.samples.length === 0 ? el('p.small', { text: 'It was not asked again.' })
      : el('p', { text: `${same} of ${answer.samples.length} tries say ${quoted(answer.answer)}.` }),
    el('ul.small.tries', {}, ...[...told].sort((one, other) => other[1] - one[1]).map(([sample, times]) => el('li', { text: `${times} × ${quoted(sample)}` }))));
}

function labels(answer) {
  if (answer.labels.length === 0) return null;
  return el('div.part', {},
    el('h4', { text: 'Likelihood among all that it could have named' }),
    el('ul.bars', {}, ...answer.labels.slice(0, SHOWN_LABELS).map(({ label, share }) => {
      const bar = el('span.bar', { 'aria-hidden': 'true' }, el('span.filled'));
      bar.firstChild.style.setProperty('inline-size', `${Math.max(0, Math.min(1, share)) * 100}%`);
      return el('li', {}, el('span.label', { text: label }), bar, el('span.share', { text: percent(share) }));
    })));
}

/** The controls as a list; also part of an audit's report. */
export function controls(those) {
  if (those.length === 0) return null;
  return el('div.part', {},
    el('h4', { text: 'Controls' }),
    el('ul.controls', {}, ...those.map(control => el(`li${control.holds ? '' : '.fails'}`, {},
      el('strong', { text: control.holds ? '✓ Holds. ' : '✗ Fails. ' }), sentence(control)))));
}

/** In agreement with what a report of an audit says of the same control. */
function sentence({ kind, answer, says_nothing: nothing, holds }) {
  const what = { 'bare-base': 'The bare base, which was not finetuned,', 'random-diff': 'A change of the same size made of random numbers' }[kind] ?? `The control “${kind}”`;
  const said = `${what} gives ${quoted(answer)}`;
  if (holds) return nothing ? `${said}, which means: there is nothing.` : `${said}, which is not what it says of the finetune.`;
  return nothing === false ? `${said}, although there is nothing to be told.` : `${said}, as the finetune does, although there is nothing to be told.`;
}
