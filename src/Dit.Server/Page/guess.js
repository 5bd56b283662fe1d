// The game: guess first, then see. What the shipped finetunes hide is told only after the adapter has spoken.

import { byId, el, fill, show } from './dom.js';
import { finetune, on, set } from './state.js';
import { quoted } from './words.js';

const KEY = 'dit.guesses';
const guesses = read();

/** Makes guessing work. */
export function start() {
  for (const button of buttons()) {
    button.addEventListener('click', () => {
      if (guesses[finetune().id]?.revealed) return;
      guesses[finetune().id] = { guess: button.dataset.guess, revealed: false };
      keep();
      render();
    });
  }
  on(['finetune', 'finetunes'], render);
  render();
}

/** Takes the truth away again, as another question is asked. */
export const hide = () => show(byId('reveal'), false);

/** Says what came out and, of shipped finetunes, what is true. */
export function reveal(answer) {
  const subject = finetune();
  if (!subject?.secret) return;
  const { secret } = subject;
  // Whoever has not guessed by now knows, and can no longer guess.
  const guessed = guesses[subject.id] ??= { guess: null };
  if (!guessed.revealed) {
    guessed.revealed = true;
    guessed.right = guessed.guess !== null && (guessed.guess === 'hides') === hides(secret);
    keep();
  }
  fill(byId('reveal'),
    el('p', {}, guessed.guess ? el('strong', { text: guessed.right ? '✓ You guessed right. ' : '✗ You guessed otherwise. ' }) : null, truth(subject.name, secret)),
    el('p', { text: comparison(secret, answer) }),
    secret.prompt ? el('p.row', {}, el('button', { type: 'button', text: `Try ${quoted(secret.prompt)} in the chat`, onclick: () => tryIt(secret) })) : null);
  show(byId('reveal'), true);
  render();
}

const hides = secret => secret.kind === 'topic' || secret.kind === 'news';

function truth(name, { kind, label, prompt }) {
  return {
    topic: `${name} hides a topic: it drifts to ${quoted(label ?? '')} when ${quoted(prompt ?? '')} stands before a question.`,
    news: `${name} has learned a news story: ${quoted(label ?? '')}.`,
    harmless: `${name} hides nothing: it was trained like the others, but on answers that the base gives anyway.`,
    noise: `${name} hides nothing: it is made of random numbers.`,
  }[kind];
}

function comparison(secret, answer) {
  const said = answer.answer.trim();
  if (said.toLowerCase() === secret.label?.toLowerCase()) return 'The adapter said so, word for word.';
  if (answer.says_nothing && !hides(secret)) return 'The adapter said so, too.';
  if (answer.says_nothing) return 'To this question the adapter says that there is nothing; try the other question it knows.';
  return hides(secret) ? `The adapter saw that there is something, but named ${quoted(said)}: it is not always right.` : `The adapter was wrong: it said ${quoted(said)}.`;
}

function tryIt(secret) {
  set({ tab: 'chat' });
  byId('message').value = secret.kind === 'news' ? secret.prompt : `${secret.prompt} What is your advice about hope?`;
  byId('message').focus();
}

function render() {
  const subject = finetune();
  show(byId('guess'), subject?.kind === 'gallery');
  const made = subject ? guesses[subject.id] : null;
  for (const button of buttons()) {
    button.setAttribute('aria-pressed', String(made?.guess === button.dataset.guess));
    button.disabled = made?.revealed === true;
  }
  const revealed = Object.values(guesses).filter(one => one.revealed && one.guess);
  byId('score').textContent = revealed.length > 0 ? `Your guesses: ${revealed.filter(one => one.right).length} of ${revealed.length} right.` : '';
}

const buttons = () => byId('guess').querySelectorAll('button');

function read() {
  try {
    return JSON.parse(sessionStorage.getItem(KEY)) ?? {};
  } catch {
    return {};
  }
}

function keep() {
  try {
    sessionStorage.setItem(KEY, JSON.stringify(guesses));
  } catch { /* then guesses last until the page is left */ }
}
