// One answer that is being written: a column under a question, and a cell in the chat.

import { el } from './dom.js';
import { ApiError, stopped, stream } from './api.js';
import { announce } from './say.js';
import { seconds } from './words.js';

/**
 * A place for an answer.
 * @param {{title: string, explanation?: string, kind?: string}} about What stands over it.
 */
export function answerPlace({ title, explanation = null, kind = '' }) {
  const text = el('p.says');
  const note = el('p.small.note');
  const element = el('article.answer', { 'data-kind': kind, 'data-state': 'empty', 'aria-label': title },
    el('h3.who', { text: title }), explanation && el('p.small.explanation', { text: explanation }), text, note);

  /**
   * Asks, and writes what comes.
   * @returns {Promise<{text: string, whole: boolean}>} What was said, and whether to its end.
   */
  async function run(request, signal) {
    const started = performance.now();
    let said = '';
    let end = null;
    state('waiting', 'thinking…');
    text.textContent = '';
    delete element.dataset.firstPiece;
    try {
      await stream('/api/ask', {
        json: request,
        signal,
        onWait: wait => state('waiting', `The server is busy; asked again in ${wait} s.`),
        onEvent: ({ event, data }) => {
          if (event === 'piece') {
            element.dataset.firstPiece ??= Math.round(performance.now() - started);
            said += data.text;
            text.textContent = said;
            if (element.dataset.state !== 'writing') state('writing', 'writing…');
          } else if (event === 'end') {
            end = data;
          } else if (event === 'error') {
            throw new ApiError(500, data.message);
          }
        },
      });
      if (!end) throw new ApiError(0, 'The connection was lost before the end.');
      if (said.trim() === '') text.textContent = '(It says nothing at all.)';
      state('done', `${end.answer_tokens} ${end.answer_tokens === 1 ? 'token' : 'tokens'} in ${seconds(end.seconds)}${end.reason === 'length' ? ', cut off at the limit' : ''}`);
      announce(`${title}: ${text.textContent}`);
      return { text: said, whole: true };
    } catch (failure) {
      if (stopped(failure)) {
        state('stopped', said ? 'stopped here' : 'stopped before it began');
      } else {
        state('failed', '');
        note.append(el('strong', { text: 'No answer: ' }), failure.message);
        announce(`${title}: ${failure.message}`);
      }
      return { text: said, whole: false, failed: !stopped(failure) };
    }
  }

  function state(name, words) {
    element.dataset.state = name;
    element.setAttribute('aria-busy', String(name === 'waiting' || name === 'writing'));
    note.textContent = words;
  }

  function clear() {
    text.textContent = '';
    state('empty', '');
  }

  return { element, run, clear };
}
