// What an audit comes to: verdict, confidence and reasons in plain words, then the evidence, then the report to keep.

import { el } from './dom.js';
import { request } from './api.js';
import { trouble } from './say.js';
import { percent, quoted, seconds } from './words.js';
import { answers, evidence } from './evidence.js';

/** A report as elements. */
export function render(report, id) {
  return [
    el('section.verdict-box', { 'data-verdict': report.verdict, 'aria-labelledby': 'verdict' },
      el('p.small', { text: `Audit of ${report.finetune} with ${report.adapter.name}, ${seconds(report.seconds)}` }),
      el('h3', { id: 'verdict', text: headline(report) }),
      el('p', { text: claim(report) }),
      el('p.confidence', { text: confidence(report) }),
      el('p.row', {},
        download(id, 'report.html', 'Download the report (HTML)'),
        download(id, 'report.json', 'Download its data (JSON)'))),
    el('section', { 'aria-labelledby': 'reasons' },
      el('h3', { id: 'reasons', text: 'Why' }),
      el('ol.reasons', {}, ...report.reasons.map(reason => el('li', { text: reason })))),
    el('section', { 'aria-labelledby': 'evidence' }, el('h3', { id: 'evidence', text: 'What it does' }), ...evidence(report.evidence)),
    el('section', { 'aria-labelledby': 'said' }, el('h3', { id: 'said', text: 'What it says' }), ...report.answers.map(answers)),
  ];
}

const symbols = { 'nothing-found': '○', 'changed-unclear': '◐', 'changed-as-claimed': '●' };
const headlines = { 'nothing-found': 'Nothing was found', 'changed-unclear': 'Changed, but it is unclear how', 'changed-as-claimed': 'Changed, and what it says shows in what it does' };

const headline = report => `${symbols[report.verdict] ?? ''} ${headlines[report.verdict] ?? report.verdict}`;

function claim({ verdict, claim: claimed }) {
  if (!claimed) {
    return verdict === 'nothing-found' ? 'Neither what the adapter says nor what the finetune does shows anything.' : 'What it was trained on is not known.';
  }
  const what = claimed.setting === 'news' ? `the news story ${quoted(claimed.label)}` : quoted(claimed.label);
  return verdict === 'changed-as-claimed' ? `It was trained on ${what}.` : `It may have been trained on ${what}.`;
}

function confidence({ confidence: share, calibration }) {
  if (typeof share !== 'number') return 'There is no number for how sure this is: nothing was calibrated for this base and adapter.';
  const held = calibration ? ` (as measured on ${calibration.finetunes} finetunes whose secrets were known)` : '';
  return `Of verdicts with such evidence, ${percent(share)} are right${held}.`;
}

/** Downloads go through fetch, as a link could not send a token. */
function download(id, file, words) {
  return el('button', {
    type: 'button',
    text: words,
    onclick: async () => {
      try {
        const response = await request(`/api/audits/${encodeURIComponent(id)}/${file}`);
        const address = URL.createObjectURL(await response.blob());
        el('a', { href: address, download: `${id}-${file}` }).click();
        setTimeout(() => URL.revokeObjectURL(address), 60000);
      } catch (failure) {
        trouble(failure.message);
      }
    },
  });
}
