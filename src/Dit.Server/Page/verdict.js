// What an audit comes to: verdict, confidence and reasons in the report's own words, then the evidence, then the report to keep.

import { el } from './dom.js';
import { request } from './api.js';
import { trouble } from './say.js';
import { seconds } from './words.js';
import { answers, evidence } from './evidence.js';

/** A report as elements. */
export function render(report, id) {
  return [
    el('section.verdict-box', { 'data-verdict': report.verdict, 'aria-labelledby': 'verdict' },
      el('p.small', { text: `Audit of ${report.finetune} with ${report.adapter.name}, ${seconds(report.seconds)}` }),
      el('h3', { id: 'verdict', text: `${symbols[report.verdict] ?? ''} ${report.title}` }),
      el('p', { text: report.sentence }),
      el('p.confidence', { text: report.confidence_sentence }),
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
