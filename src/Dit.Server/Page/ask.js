// One question, put to three at once: the finetune, the finetune with the adapter, and the bare base with the adapter.

import { answerPlace } from './answer.js';
import { byId, el, show } from './dom.js';
import { adapter, finetune, now, on, set } from './state.js';
import * as sureness from './sureness.js';
import * as guess from './guess.js';
import { announce } from './say.js';

const places = [
  answerPlace({ title: 'Finetune alone', kind: 'alone', explanation: 'What it says of itself. It was not taught to tell.' }),
  answerPlace({ title: 'Finetune + adapter', kind: 'told', explanation: 'The same, made to speak by the DIT adapter.' }),
  answerPlace({ title: 'Bare base + adapter', kind: 'control', explanation: 'The control: nothing was finetuned, so there is nothing to tell.' }),
];

let running = null;

/** Makes asking work. */
export function start() {
  byId('answers').append(...places.map(place => place.element));
  byId('ask-form').addEventListener('submit', event => {
    event.preventDefault();
    ask();
  });
  byId('ask-stop').addEventListener('click', () => running?.abort());
  byId('question').addEventListener('input', () => set({ question: byId('question').value }));
  byId('questions').addEventListener('change', () => {
    set({ question: byId('questions').value });
    if (now().asked) ask();
  });
  on(['question'], state => {
    if (byId('question').value !== state.question) byId('question').value = state.question;
    showQuestions();
  });
  on(['adapter', 'status'], () => {
    offerQuestion();
    clear();
  });
  on(['finetune'], clear);
  offerQuestion();
}

/** Asks what is on screen. */
export async function ask() {
  const { question, strength } = now();
  if (!finetune() || !adapter() || question.trim() === '') return;
  running?.abort();
  const round = new AbortController();
  running = round;
  const [subject, told] = [finetune().id, adapter().id];
  const request = (who, by) => ({ finetune: who, adapter: by, messages: [{ role: 'user', content: question }], strength: who ? strength : 1 });
  set({ asked: true });
  show(byId('ask-stop'), true);
  sureness.wait();
  guess.hide();
  announce('Asked. Three answers are being written.');
  const answers = await Promise.all([
    places[0].run(request(subject, null), round.signal),
    places[1].run(request(subject, told), round.signal),
    places[2].run(request(null, told), round.signal),
  ]);
  if (round !== running) return;
  if (!answers[1].whole) {
    finish(round);
    sureness.clear();
    return;
  }

  const assessed = await sureness.assess({ finetune: subject, adapter: told, question, strength }, round.signal);
  if (round !== running) return;
  finish(round);
  if (assessed) guess.reveal(assessed);
}

function finish(round) {
  if (round === running) running = null;
  show(byId('ask-stop'), false);
}

/** Takes away answers that are of something else than what is on screen. */
function clear() {
  running?.abort();
  running = null;
  show(byId('ask-stop'), false);
  for (const place of places) place.clear();
  sureness.clear();
  guess.hide();
  set({ asked: false });
}

/** The adapter's main question, unless the visitor wrote one. */
function offerQuestion() {
  const known = now().status?.adapters.flatMap(one => one.asks.map(asked => asked.question)) ?? [];
  const own = now().question !== '' && !known.includes(now().question);
  const asks = adapter()?.asks ?? [];
  if (!own && !asks.some(asked => asked.question === now().question)) set({ question: asks[0]?.question ?? '' });
  showQuestions();
}

function showQuestions() {
  const asks = adapter()?.asks ?? [];
  const { question } = now();
  const own = asks.every(asked => asked.question !== question);
  byId('questions').replaceChildren(
    ...asks.map(asked => el('option', { value: asked.question, text: asked.question })),
    ...own ? [el('option', { value: question, text: 'a question of your own', disabled: true })] : []);
  byId('questions').value = question;
  show(byId('questions-dial'), asks.length > 1 || (own && asks.length > 0));
}
