// What is on screen, in one place. Parts of the page change it here and are told here when it has changed.

const state = {
  status: null,
  finetunes: [],
  finetune: null,
  adapter: null,
  question: '',
  strength: 1,
  tab: 'ask',
  asked: false,
  chat: [],
  audit: null,
};
const listeners = [];

/** The state; nobody but `set` changes it. */
export const now = () => state;

/** The finetune that is looked at; null where there is none. */
export const finetune = () => state.finetunes.find(one => one.id === state.finetune) ?? null;

/** The adapter that is asked. */
export const adapter = () => state.status?.adapters.find(one => one.id === state.adapter) ?? null;

/** Changes something and tells whoever listens to any of it. */
export function set(changes) {
  const changed = Object.keys(changes).filter(key => state[key] !== changes[key]);
  if (changed.length === 0) return;
  Object.assign(state, changes);
  for (const { keys, listener } of listeners) {
    if (keys.some(key => changed.includes(key))) listener(state, changed);
  }
}

/** Calls `listener` whenever one of `keys` has changed. */
export function on(keys, listener) {
  listeners.push({ keys, listener });
}
