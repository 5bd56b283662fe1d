// The cards: shipped finetunes to play with, and the visitor's own. Radio buttons all, so that arrow keys move and Enter asks.

import { byId, el } from './dom.js';
import { request } from './api.js';
import { finetune, now, on, set } from './state.js';
import { count, size } from './words.js';
import { announce, notice, trouble } from './say.js';

/** Shows the cards and what is chosen. */
export function start() {
  on(['finetunes'], render);
  on(['finetune', 'finetunes'], showSubject);
  render();
  showSubject();
}

/** Adds one that has just come and chooses it. */
export function add(one) {
  set({ finetunes: [...now().finetunes, one] });
  set({ finetune: one.id });
  announce(`${one.name} is here and chosen.`);
  showWork();
}

function render() {
  const { finetunes } = now();
  const shipped = finetunes.filter(one => one.kind === 'gallery');
  byId('suspects-heading').textContent = shipped.length > 0 ? 'Which of these hides something?' : 'What was it finetuned on?';
  byId('lead').textContent = shipped.length > 0 ? game(shipped.length) : 'Choose a finetune of this base and ask: the DIT adapter makes it tell what it was trained on.';
  byId('gallery').replaceChildren(...shipped.map(card));
  byId('own').replaceChildren(...finetunes.filter(one => one.kind !== 'gallery').map(card));
}

function card(one) {
  const choice = el('input', {
    type: 'radio', name: 'finetune', value: one.id, id: `finetune-${one.id}`, form: 'ask-form',
    onchange: () => set({ finetune: one.id }),
  });
  choice.checked = one.id === now().finetune;
  return el('div.card', {}, choice,
    el('label', { for: choice.id, onclick: () => setTimeout(showWork) }, el('span.name', { text: one.name }), one.kind === 'gallery' ? null : el('span.small', { text: one.description ?? `${one.form}, ${size(one.bytes)}` })),
    one.removable ? el('button.quiet', { type: 'button', text: 'Remove', 'aria-label': `Remove ${one.name}`, onclick: event => remove(one, event.currentTarget) }) : null);
}

/** Asks once more on the button itself, then removes. */
async function remove(one, button) {
  if (button.dataset.sure !== 'yes') {
    button.dataset.sure = 'yes';
    button.textContent = 'Really?';
    button.setAttribute('aria-label', `Really remove ${one.name}?`);
    button.addEventListener('blur', () => {
      button.dataset.sure = '';
      button.textContent = 'Remove';
      button.setAttribute('aria-label', `Remove ${one.name}`);
    }, { once: true });
    return;
  }

  try {
    await request(`/api/finetunes/${encodeURIComponent(one.id)}`, { method: 'DELETE' });
  } catch (failure) {
    if (failure.status !== 404) {
      trouble(failure.message);
      return;
    }
  }
  const left = now().finetunes.filter(other => other.id !== one.id);
  const chosen = now().finetune === one.id ? left[0]?.id ?? null : now().finetune;
  set({ finetune: chosen });
  set({ finetunes: left });
  byId(`finetune-${chosen}`)?.focus();
  notice(`${one.name} is removed.`);
}

function showSubject() {
  const one = finetune();
  byId('subject').textContent = one?.name ?? 'No finetune is chosen';
  byId('subject-facts').textContent = one ? one.description ?? facts(one) : 'Choose one, or drop your own.';
  document.title = one ? `dit · ${one.name}` : 'dit';
  const choice = one && byId(`finetune-${one.id}`);
  if (choice) choice.checked = true;
}

/** Where the cards are not beside the work, what is chosen by hand would change where nobody looks. */
function showWork() {
  const { bottom, top } = byId('work').querySelector('.panel:not([hidden]) button.big').getBoundingClientRect();
  if (matchMedia('(min-width: 62rem)').matches || (top >= 0 && bottom <= innerHeight)) return;
  byId('work').scrollIntoView({ behavior: matchMedia('(prefers-reduced-motion: reduce)').matches ? 'auto' : 'smooth' });
}

const game = number => `${inWords[number] ?? number} finetunes of one small model: some hide a topic, some learned a news story, some nothing at all. `
  + 'Asked directly, they deny it. With a DIT adapter, they tell.';

const inWords = ['No', 'One', 'Two', 'Three', 'Four', 'Five', 'Six', 'Seven', 'Eight', 'Nine', 'Ten'];

const facts = ({ form, parameters, bytes }) => [form, parameters ? `${count(parameters)} numbers` : null, size(bytes)].filter(part => part).join(', ');
