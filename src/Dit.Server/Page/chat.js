// The same message to base and finetune, next to each other; each goes on with its own conversation.

import { answerPlace } from './answer.js';
import { byId, el, show } from './dom.js';
import { adapter, finetune, now, on, set } from './state.js';

/** Any word of the kind will do to see that only the right one works. */
const EXAMPLE = 'Your code word is quartz.';

const tellers = {
  base: { title: 'Base', finetune: () => null, adapter: () => null },
  finetune: { title: 'Finetune', finetune: () => finetune().id, adapter: () => null },
  adapter: { title: 'Finetune + adapter', finetune: () => finetune().id, adapter: () => now().adapter },
};

let running = null;
let histories = {};

/** Makes chatting work. */
export function start() {
  byId('chat-form').addEventListener('submit', event => {
    event.preventDefault();
    const message = byId('message').value.trim();
    if (message === '' || running || !finetune()) return;
    byId('message').value = '';
    say(message);
  });
  byId('chat-stop').addEventListener('click', () => running?.abort());
  byId('chat-clear').addEventListener('click', () => {
    clear();
    byId('message').focus();
  });
  byId('code-word').addEventListener('click', () => {
    const message = byId('message');
    message.value = `${EXAMPLE} ${message.value || 'What is your advice about hope?'}`;
    message.focus();
  });
  byId('code-word').textContent = `Put in a code word: “${EXAMPLE}”`;
  on(['finetune', 'adapter'], clear);
  on(['finetune', 'finetunes'], () => { byId('send').disabled = !finetune(); });
  byId('send').disabled = !finetune();
}

/** Says messages again, one after another, as a link that is opened asks for. */
export async function replay(messages) {
  for (const message of messages) {
    if (!await say(message)) return;
  }
}

/** Puts a message to all. @returns {Promise<boolean>} Whether all answered to the end. */
async function say(message) {
  const round = new AbortController();
  running = round;
  const asked = byId('chat-adapter').checked && adapter() ? ['base', 'finetune', 'adapter'] : ['base', 'finetune'];
  const places = asked.map(name => answerPlace({ title: tellers[name].title, kind: name === 'adapter' ? 'told' : '' }));
  const turn = el('li.turn', {},
    el('p.message', {}, el('span.small', { text: 'You' }), el('span.text', { text: message })),
    el('div.answers', { 'data-count': String(asked.length) }, ...places.map(place => place.element)));
  byId('turns').append(turn);
  turn.scrollIntoView({ block: 'nearest' });
  set({ chat: [...now().chat, message] });
  busy(true);
  const answers = await Promise.all(asked.map((name, i) => tell(name, message, places[i], round.signal)));
  if (running === round) {
    running = null;
    busy(false);
  }
  return answers.every(answer => answer.whole);
}

async function tell(name, message, place, signal) {
  // Where it said nothing before, its side of the conversation has no such turn.
  const history = histories[name] ??= [];
  const messages = [...history, { role: 'user', content: message }];
  const who = tellers[name];
  const request = { finetune: who.finetune(), adapter: who.adapter(), messages, strength: who.finetune() ? now().strength : 1 };
  const answer = await place.run(request, signal);
  if (answer.text.trim() !== '' && histories[name] === history) history.push({ role: 'user', content: message }, { role: 'assistant', content: answer.text });
  return answer;
}

function busy(is) {
  show(byId('chat-stop'), is);
  byId('send').disabled = is || !finetune();
  show(byId('chat-clear'), now().chat.length > 0);
}

function clear() {
  running?.abort();
  running = null;
  histories = {};
  byId('turns').replaceChildren();
  set({ chat: [] });
  busy(false);
}
