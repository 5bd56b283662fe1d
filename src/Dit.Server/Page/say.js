// What the page says beside its contents: notices that are seen, announcements that are only heard.

import { byId, el } from './dom.js';

const SHOWN = 8000;

/** Read out by screen readers when they have finished what they say. */
export function announce(text) {
  const announcer = byId('announcer');
  // The same words twice would not be a change.
  announcer.textContent = announcer.textContent === text ? `${text}\u00a0` : text;
}

/** A sentence on top of the page, for a while. */
export function notice(text) {
  const line = el('p.notice', { role: 'status' }, text, close(() => line.remove()));
  byId('notices').append(line);
  setTimeout(() => line.remove(), SHOWN);
}

/** A failure on top of the page, until it is closed or tried again. */
export function trouble(text, again = null) {
  const line = el('p.notice.bad', { role: 'alert' }, el('strong', { text: 'That did not work. ' }), text,
    again && el('button', { type: 'button', text: 'Try again', onclick: () => { line.remove(); again(); } }),
    close(() => line.remove()));
  byId('notices').append(line);
}

const close = remove => el('button.quiet', { type: 'button', 'aria-label': 'Close this message', text: '×', onclick: remove });
