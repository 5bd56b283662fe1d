// The address says what is on screen, so that a link reopens it. A token in it is taken out at once.

import { now, on } from './state.js';
import { byId } from './dom.js';
import { notice } from './say.js';

const LONGEST_CHAT = 1500;

/** What the address asks for: {token, finetune, adapter, question, strength, tab, asked, chat, audit}; what it does not say is null. */
export function read() {
  const said = new URLSearchParams(location.hash.slice(1));
  const strength = Number(said.get('strength'));
  const link = {
    token: said.get('token'),
    finetune: said.get('finetune'),
    adapter: said.get('adapter'),
    question: said.get('question'),
    strength: said.has('strength') && strength >= 0 && strength <= 4 ? Math.round(strength * 10) / 10 : null,
    tab: ['ask', 'chat', 'audit'].includes(said.get('tab')) ? said.get('tab') : null,
    asked: said.has('asked'),
    chat: said.getAll('say'),
    audit: said.get('audit'),
  };
  if (link.token) {
    said.delete('token');
    history.replaceState(null, '', said.size > 0 ? `#${said}` : location.pathname);
  }
  return link;
}

/** From now on the address follows the state. */
export function follow() {
  on(['finetune', 'adapter', 'question', 'strength', 'tab', 'asked', 'chat', 'audit'], write);
  // Another link in the same tab: replaceState does not come here.
  addEventListener('hashchange', () => location.reload());
  byId('copy-link').addEventListener('click', copy);
}

function write() {
  const state = now();
  const said = new URLSearchParams();
  if (state.finetune) said.set('finetune', state.finetune);
  if (state.adapter && state.adapter !== state.status.default_adapter) said.set('adapter', state.adapter);
  if (state.question) said.set('question', state.question);
  if (state.strength !== 1) said.set('strength', state.strength);
  if (state.tab !== 'ask') said.set('tab', state.tab);
  if (state.asked) said.set('asked', '1');
  if (state.audit) said.set('audit', state.audit);
  for (const message of beginning(state.chat)) said.append('say', message);
  history.replaceState(null, '', `#${said}`);
}

/** As many of the first messages as an address should hold. */
function beginning(messages) {
  let length = 0;
  return messages.filter(message => (length += message.length) <= LONGEST_CHAT);
}

async function copy() {
  try {
    await navigator.clipboard.writeText(location.href);
    notice('The link is copied.');
  } catch {
    notice('This browser does not let the page copy; the link stands in the address bar.');
  }
}
