// An audit as a job on the server: started, followed, cancelled, and read when it is done.

import { byId, show } from './dom.js';
import { ApiError, get, post, request, stopped, stream } from './api.js';
import { finetune, now, on, set } from './state.js';
import { announce, trouble } from './say.js';
import { seconds } from './words.js';
import { render } from './verdict.js';

/** What is under way: `stop` ends the following of it; `mine` is the id of an audit that this page has started. */
let following = null;

/** Makes audits work. */
export function start() {
  byId('audit-start').addEventListener('click', run);
  byId('audit-cancel').addEventListener('click', cancel);
  on(['finetune', 'adapter'], forget);
  on(['finetune', 'finetunes'], ready);
  ready();
}

/** Shows an audit that a link names, wherever it stands. */
export async function reopen(id) {
  const round = begin();
  try {
    const audit = await get(`/api/audits/${encodeURIComponent(id)}`, { signal: round.stop.signal });
    set({ audit: id });
    await follow(audit, round);
  } catch (failure) {
    if (stopped(failure)) return;
    end(round);
    set({ audit: null });
    trouble(failure.status === 404 ? 'The audit of this link is gone: the server keeps only the last 64 that have ended, and none when it ends itself. Run it again.' : failure.message);
  }
}

async function run() {
  forget();
  const round = begin();
  const { signal } = round.stop;
  try {
    const audit = await post('/api/audits', { finetune: finetune().id, adapter: now().adapter }, { signal, heard: true, onWait: wait => stage(`The server is busy; asked again in ${wait} s.`) });
    if (signal.aborted) {
      await remove(audit.id);
      return;
    }
    round.mine = audit.id;
    set({ audit: audit.id });
    announce('The audit has begun.');
    await follow(audit, round);
  } catch (failure) {
    if (signal.aborted) return;
    end(round);
    trouble(failure.message, run);
  }
}

function begin() {
  following?.stop.abort();
  following = { stop: new AbortController(), mine: null };
  byId('audit-bar').value = 0;
  byId('audit-clock').textContent = '';
  ready();
  return following;
}

function end(round) {
  if (following !== round) return;
  following = null;
  show(byId('audit-progress'), false);
  ready();
}

/** Follows an audit to its end. */
async function follow(audit, round) {
  const { signal } = round.stop;
  let last = audit;
  report(last);
  try {
    if (running(last)) {
      await stream(`/api/audits/${encodeURIComponent(audit.id)}/events`, {
        signal,
        onEvent: ({ event, data }) => {
          if (event === 'progress') report(last = data);
        },
      });
    }
    // The stream may have been cut off before the last word.
    if (running(last)) last = await get(`/api/audits/${encodeURIComponent(audit.id)}`, { signal });
    await outcome(last, signal);
  } catch (failure) {
    if (stopped(failure)) return;
    trouble(failure.message, () => now().audit === audit.id ? reopen(audit.id) : run());
  }
  end(round);
}

async function outcome(audit, signal) {
  if (audit.state === 'done') {
    const report = await get(`/api/audits/${encodeURIComponent(audit.id)}/report.json`, { signal });
    byId('audit-result').replaceChildren(...render(report, audit.id));
    announce(`The audit is done. ${byId('audit-result').querySelector('h3').textContent}`);
  } else if (audit.state === 'failed') {
    set({ audit: null });
    throw new ApiError(500, audit.error ?? audit.stage ?? 'The audit failed.');
  } else if (audit.state === 'cancelled') {
    set({ audit: null });
    announce('The audit is cancelled.');
  } else {
    throw new ApiError(0, 'The connection was lost before the audit was done.');
  }
}

async function cancel() {
  const id = now().audit;
  if (!id) {
    forget();
    announce('The audit is cancelled.');
    return;
  }
  byId('audit-cancel').disabled = true;
  await remove(id);
}

async function remove(id) {
  try {
    await request(`/api/audits/${encodeURIComponent(id)}`, { method: 'DELETE' });
  } catch (failure) {
    if (failure.status !== 404) trouble(failure.message);
  }
}

/** Another finetune or adapter: what is shown is not of it. One that was started here is cancelled, as nobody would read it. */
function forget() {
  const left = following;
  if (left) {
    left.stop.abort();
    end(left);
    if (left.mine) remove(left.mine);
  }
  set({ audit: null });
  byId('audit-result').replaceChildren();
  ready();
}

function ready() {
  byId('audit-start').disabled = following !== null || !finetune();
  byId('audit-start').textContent = byId('audit-result').hasChildNodes() ? 'Run it again' : 'Run the audit';
  show(byId('audit-cancel'), following !== null);
  byId('audit-cancel').disabled = false;
}

const running = audit => audit.state === 'queued' || audit.state === 'running';

function report(audit) {
  show(byId('audit-progress'), true);
  byId('audit-bar').value = audit.total > 0 ? audit.done / audit.total : 0;
  stage(audit.state === 'queued' ? 'Waiting for its turn…' : `${audit.stage}: ${audit.done} of ${audit.total}`);
  byId('audit-clock').textContent = seconds(audit.seconds);
}

function stage(words) {
  show(byId('audit-progress'), true);
  byId('audit-stage').textContent = words;
}
