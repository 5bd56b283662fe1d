// Starts the page: what the server has, what the link asks for, then every part.

import { get, useToken } from './api.js';
import { byId } from './dom.js';
import { now, set } from './state.js';
import * as link from './link.js';
import * as theme from './theme.js';
import * as tabs from './tabs.js';
import * as gallery from './gallery.js';
import * as upload from './upload.js';
import * as dials from './dials.js';
import * as asking from './ask.js';
import * as guess from './guess.js';
import * as chat from './chat.js';
import * as normmap from './normmap.js';
import * as audit from './audit.js';
import { notice, trouble } from './say.js';

theme.start();
const wish = link.read();
useToken(wish.token);
byId('skip').addEventListener('click', event => {
  // The address is for what is on screen, so the jump leaves it alone.
  event.preventDefault();
  byId('work').focus();
});
for (const part of [tabs, gallery, upload, asking, dials, guess, chat]) part.start();
await open();

async function open() {
  try {
    const [status, finetunes] = await Promise.all([get('/api/status'), get('/api/finetunes')]);
    restore(status, finetunes);
  } catch (failure) {
    byId('subject').textContent = 'The server does not answer';
    trouble(failure.message, open);
  }
}

function restore(status, finetunes) {
  const found = finetunes.find(one => one.id === wish.finetune);
  // Who named finetunes on the command line wants to look at these.
  const chosen = found ?? finetunes.find(one => one.kind === 'named') ?? finetunes[0] ?? null;
  const adapter = status.adapters.find(one => one.id === wish.adapter)?.id ?? status.default_adapter ?? status.adapters[0]?.id ?? null;
  byId('base').textContent = `${status.base.name}, ${status.base.layers} layers`;
  set({ question: wish.question ?? '', tab: wish.tab ?? 'ask', status, adapter, finetunes, finetune: chosen?.id ?? null });
  if (chosen?.can_scale) set({ strength: wish.strength ?? 1 });
  link.follow();
  normmap.start();
  audit.start();
  if (wish.finetune && !found) {
    notice(`The finetune of this link (${wish.finetune}) is no longer on this server: uploads are kept only for a while. ${chosen ? `${chosen.name} is shown instead.` : ''}`);
    byId('ask').focus({ preventScroll: true });
    return;
  }
  if (wish.adapter && wish.adapter !== adapter) notice(`The adapter of this link (${wish.adapter}) is not on this server; the usual one is asked.`);
  reopen();
}

/** Does again what the link shows. */
function reopen() {
  if (wish.audit) audit.reopen(wish.audit);
  if (wish.chat.length > 0) chat.replay(wish.chat);
  if (wish.asked) asking.ask();
  if (now().tab === 'ask') byId('ask').focus({ preventScroll: true });
}
