// An audit as a job on the server: started, followed, cancelled, and read when it is done.

import { byId, show } from './dom.js';
import { ApiError, get, post, request, stopped, stream } from './api.js';
import { finetune, now, on, set } from './state.js';
import { announce, trouble } from './say.js';
import { seconds } from './words.js';
import { render } from './verdict.js';

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
  try {
    const audit = await get(`/api/audits/${encodeURIComponent(id)}`);
    set({ audit: id });
    await follow(audit);
  } catch (failure) {
    set({ audit: null });
    trouble(failure.status === 404 ? 'The audit of this link is gone: audits last until the server ends. Run it again.' : failure.message);
  }
}

async function run() {
  forget();
  ready(true);
  try {
    const audit = await post('/api/audits', { finetune: finetune().id, adapter: now().adapter }, { onWait: wait => stage(`The server is busy; asked again in ${wait} s.`) });
    set({ audit: audit.id });
    announce('The audit has begun.');
    await follow(audit);
  } catch (failure) {
    ready();
    show(byId('audit-progress'), false);
    trouble(failure.message, run);
  }
}

/** Follows an audit to its end. */
async function follow(audit) {
  const round = new AbortController();
  following = round;
  let last = audit;
  ready(true);
  report(last);
  try {
    if (running(last)) {
      await stream(`/api/audits/${encodeURIComponent(audit.id)}/events`, {
        signal: round.signal,
        onEvent: ({ event, data }) => {
          if (event === 'progress') report(last = data);
        },
      });
    }
    // The stream may have been cut off before the last word.
    if (running(last)) last = await get(`/api/audits/${encodeURIComponent(audit.id)}`, { signal: round.signal });
    await end(last, round.signal);
  } catch (failure) {
    if (stopped(failure)) return;
    trouble(failure.message, () => reopen(audit.id));
  }
  if (following === round) {
    following = null;
    show(byId('audit-progress'), false);
    ready();
  }
}

async function end(audit, signal) {
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
  if (!id) return;
  byId('audit-cancel').disabled = true;
  try {
    await request(`/api/audits/${encodeURIComponent(id)}`, { method: 'DELETE' });
  } catch (failure) {
    if (failure.status !== 404) trouble(failure.message);
  }
}

/** Another finetune or adapter: what is shown is not of it. One that runs is cancelled, as nobody would read it. */
function forget() {
  if (following) {
    following.abort();
    following = null;
    cancel();
  }
  set({ audit: null });
  byId('audit-result').replaceChildren();
  show(byId('audit-progress'), false);
  ready();
}

function ready(isRunning = following !== null) {
  byId('audit-start').disabled = isRunning || !finetune();
  byId('audit-start').textContent = byId('audit-result').hasChildNodes() ? 'Run it again' : 'Run the audit';
  show(byId('audit-cancel'), isRunning);
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
