// The server's native API. Every failure becomes an ApiError with one sentence to show.

import { events } from './sse.js';

const TOKEN = 'dit.token';
const TRIES = 6;
const LONGEST_WAIT = 30;

let token = null;

/** A request that failed. `status` is 0 where the server could not be reached. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }
}

/** Keeps the token that the address brought, for this tab alone, or takes the one that was kept. */
export function useToken(fromLink) {
  token = fromLink;
  try {
    if (fromLink) sessionStorage.setItem(TOKEN, fromLink);
    token ??= sessionStorage.getItem(TOKEN);
  } catch { /* without storage the token lasts until the page is left */ }
}

/** The headers of every request. */
export const authorization = () => token ? { Authorization: `Bearer ${token}` } : {};

/** Whether a failure is only that it was stopped. */
export const stopped = failure => failure?.name === 'AbortError';

/**
 * Sends a request; where the server is too busy, tells so and sends it again.
 * @param {string} path Such as "/api/status".
 * @param {{method?: string, json?: object, signal?: AbortSignal, heard?: boolean, onWait?: (seconds: number) => void}} options
 *   Where `heard`, a request that is under way is not stopped, only not sent again: what it started would have no name.
 * @returns {Promise<Response>} What succeeded.
 */
export async function request(path, { method, json, signal, heard, onWait } = {}) {
  for (let tried = 1; ; tried++) {
    const response = await send(path, {
      method: method ?? (json ? 'POST' : 'GET'),
      headers: { ...authorization(), ...(json ? { 'Content-Type': 'application/json' } : {}) },
      body: json ? JSON.stringify(json) : undefined,
      signal: heard ? undefined : signal,
    });
    if (response.ok) return response;
    if (response.status !== 429 || tried === TRIES) throw await failure(response);
    signal?.throwIfAborted();
    const wait = Math.min(LONGEST_WAIT, Math.max(1, Number(response.headers.get('Retry-After')) || 1));
    onWait?.(wait);
    await sleep(wait * 1000, signal);
  }
}

/** What a GET answers. */
export const get = async (path, options) => (await request(path, options)).json();

/** What a POST answers. */
export const post = async (path, json, options) => (await request(path, { ...options, json })).json();

/** Calls `onEvent` for every event of an answer, until it ends. */
export async function stream(path, { onEvent, ...options }) {
  const response = await request(path, options);
  try {
    for await (const event of events(response.body)) onEvent(event);
  } catch (failed) {
    throw failed instanceof TypeError ? new ApiError(0, 'The connection was lost before the end.') : failed;
  }
}

/** What a response that is no success says, as an error. */
export async function failure(response) {
  const body = await response.json().catch(() => null);
  return sentence(response.status, body);
}

/** The error of a status and what came with it. */
export function sentence(status, body) {
  if (status === 401) return new ApiError(401, 'This server wants its token: open the link that it printed when it was started.');
  return new ApiError(status, body?.error?.message ?? `The server answered with status ${status}.`);
}

async function send(path, options) {
  try {
    return await fetch(path, options);
  } catch (failed) {
    if (stopped(failed)) throw failed;
    throw new ApiError(0, 'The server cannot be reached. Is “dit serve” still running?');
  }
}

function sleep(milliseconds, signal) {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, milliseconds);
    signal?.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    }, { once: true });
  });
}
