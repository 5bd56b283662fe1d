// Ask, chat, audit: tabs as the ARIA pattern has them. Arrow keys, Home and End move; one of them is in the tab order.

import { byId } from './dom.js';
import { now, on, set } from './state.js';

const names = ['ask', 'chat', 'audit'];

/** Makes the tabs work. */
export function start() {
  for (const name of names) {
    const tab = byId(`tab-${name}`);
    tab.addEventListener('click', () => set({ tab: name }));
    tab.addEventListener('keydown', event => move(event, name));
  }
  on(['tab', 'status'], apply);
  apply();
}

function move(event, name) {
  const at = names.indexOf(name);
  const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: names.length - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  const next = names[(to + names.length) % names.length];
  set({ tab: next });
  byId(`tab-${next}`).focus();
}

function apply() {
  const { tab: current, status } = now();
  for (const name of names) {
    // What the link asks for comes with the status, and would undo a choice made before.
    byId(`tab-${name}`).disabled = status === null;
    byId(`tab-${name}`).setAttribute('aria-selected', String(name === current));
    byId(`tab-${name}`).tabIndex = name === current ? 0 : -1;
    byId(`panel-${name}`).hidden = name !== current;
  }
  // An audit looks at the finetune as it is.
  byId('strength-dial').hidden = current === 'audit';
}
