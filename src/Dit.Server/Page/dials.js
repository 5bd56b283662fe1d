// Which adapter is asked, and how strongly the change is applied.

import { byId, el, show } from './dom.js';
import { finetune, now, on, set } from './state.js';
import { times } from './words.js';
import { ask } from './ask.js';

/** Makes the two work. */
export function start() {
  const strength = byId('strength');
  byId('adapter').addEventListener('change', () => set({ adapter: byId('adapter').value }));
  strength.addEventListener('input', () => showStrength(Number(strength.value)));
  strength.addEventListener('change', () => {
    set({ strength: Number(strength.value) });
    if (now().asked && now().tab === 'ask') ask();
  });
  on(['status', 'adapter'], showAdapters);
  on(['strength'], state => showStrength(state.strength));
  on(['finetune', 'finetunes'], fit);
  showAdapters();
  fit();
}

function showAdapters() {
  const { status, adapter } = now();
  const adapters = status?.adapters ?? [];
  byId('adapter').replaceChildren(...adapters.map(one => el('option', { value: one.id, text: one.name })));
  byId('adapter').value = adapter ?? '';
  show(byId('adapter-dial'), adapters.length > 1);
}

/** Only low-rank changes can be made stronger. */
function fit() {
  const scales = finetune()?.can_scale ?? true;
  byId('strength').disabled = !scales;
  if (!scales) set({ strength: 1 });
  showStrength(now().strength);
}

function showStrength(strength) {
  const slider = byId('strength');
  slider.value = strength;
  slider.setAttribute('aria-valuetext', `${strength.toFixed(1)} times as trained`);
  byId('strength-value').textContent = times(strength);
  byId('strength-word').textContent = slider.disabled ? 'Whole weights cannot be scaled.'
    : strength === 0 ? 'off: the base' : strength < 1 ? 'weaker' : strength === 1 ? 'as trained' : 'stronger';
}
