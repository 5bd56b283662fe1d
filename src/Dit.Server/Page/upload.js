// A finetune of the visitor's own: a folder or files, dropped or chosen. What the server would refuse by size or number is not sent at all.

import { byId, show } from './dom.js';
import { ApiError, authorization, sentence } from './api.js';
import { add } from './gallery.js';
import { now, on } from './state.js';
import { announce } from './say.js';
import { limited, percent } from './words.js';

/** What belongs to a finetune; of a folder only these are sent. The server decides what it takes. */
const wanted = /^(adapter_config\.json|adapter_model\.safetensors|dit-diff\.json|config\.json|model(-\d{5}-of-\d{5})?\.safetensors|model\.safetensors\.index\.json|[^/]+\.pt)$/;

let running = null;

/** Makes dropping and choosing work. */
export function start() {
  const drop = byId('drop');
  byId('choose-folder').addEventListener('click', () => byId('folder-input').click());
  byId('choose-files').addEventListener('click', () => byId('files-input').click());
  byId('folder-input').addEventListener('change', event => chosen(event.target, true));
  byId('files-input').addEventListener('change', event => chosen(event.target, false));
  byId('upload-cancel').addEventListener('click', () => running?.abort());
  // A file that misses the zone would replace the page.
  for (const type of ['dragover', 'drop']) addEventListener(type, event => event.preventDefault());
  drop.addEventListener('dragover', () => drop.classList.add('over'));
  drop.addEventListener('dragleave', () => drop.classList.remove('over'));
  drop.addEventListener('drop', async event => {
    drop.classList.remove('over');
    await dropped(event.dataTransfer);
  });
  on(['status'], limits);
  limits();
}

function limits() {
  const { status } = now();
  if (status) byId('drop-limits').textContent = `A PEFT adapter, a checkpoint or a .pt diff of ${status.base.name}; ${limited(status.limits.upload_bytes)} at most.`;
}

async function chosen(input, isFolder) {
  const files = [...input.files].map(file => ({ file, path: file.webkitRelativePath || file.name }));
  input.value = '';
  if (files.length === 0) return;
  await take(files, isFolder ? files[0].path.split('/')[0] : null);
}

async function dropped(transfer) {
  const entries = [...transfer.items].map(item => item.webkitGetAsEntry?.()).filter(entry => entry);
  if (entries.length === 0) {
    await take([...transfer.files].map(file => ({ file, path: file.name })), null);
    return;
  }
  const files = (await Promise.all(entries.map(walk))).flat();
  await take(files, entries.length === 1 && entries[0].isDirectory ? entries[0].name : null);
}

/** The files of a dropped folder and of those in it. */
async function walk(entry) {
  const path = entry.fullPath.replace(/^\//, '');
  if (entry.isFile) return [{ file: await new Promise((resolve, reject) => entry.file(resolve, reject)), path }];
  const reader = entry.createReader();
  const found = [];
  for (;;) {
    // A folder is read a hundred entries at a time.
    const some = await new Promise((resolve, reject) => reader.readEntries(resolve, reject));
    if (some.length === 0) return (await Promise.all(found.map(walk))).flat();
    found.push(...some);
  }
}

async function take(files, folder) {
  fail('');
  try {
    const sent = folder === null ? files : ofFolder(files, folder);
    check(sent);
    await send(sent, folder ?? nameOf(sent));
  } catch (failure) {
    fail(failure.name === 'AbortError' ? 'The upload was cancelled.' : failure.message);
  } finally {
    show(byId('upload'), false);
    running = null;
  }
}

/** Of a folder only what belongs to a finetune, and nothing of folders deeper in than the first that has any. */
function ofFolder(files, folder) {
  const belonging = files.filter(({ path }) => wanted.test(path.split('/').pop()));
  if (belonging.length === 0) throw new ApiError(0, `${folder}: expected adapter_config.json and adapter_model.safetensors, or a checkpoint's files; found ${files.length === 1 ? 'one other file' : `${files.length} other files`}.`);
  const depth = Math.min(...belonging.map(({ path }) => path.split('/').length));
  const parent = path => path.split('/').slice(0, -1).join('/');
  const first = belonging.find(({ path }) => path.split('/').length === depth);
  return belonging.filter(({ path }) => parent(path) === parent(first.path));
}

function check(files) {
  const { limits: { upload_bytes: most, files_per_upload: number } } = now().status;
  const bytes = files.reduce((sum, { file }) => sum + file.size, 0);
  if (files.length > number) throw new ApiError(0, `Expected at most ${number} files, found ${files.length}.`);
  if (bytes > most) throw new ApiError(0, `Expected at most ${limited(most)}, found ${limited(bytes, most)}.`);
}

const nameOf = files => files.length === 1 ? files[0].file.name.replace(/\.\w+$/, '') : 'my finetune';

/** Sends them. Only XMLHttpRequest tells how much has been sent. */
function send(files, name) {
  const form = new FormData();
  form.append('name', name);
  for (const { file } of files) form.append('files', file, file.name);
  running = new AbortController();
  const { signal } = running;
  show(byId('upload'), true);
  progress(name, 0);
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open('POST', '/api/finetunes');
    for (const [header, value] of Object.entries(authorization())) call.setRequestHeader(header, value);
    call.responseType = 'json';
    call.upload.onprogress = event => progress(name, event.lengthComputable ? event.loaded / event.total : 0);
    call.onload = () => {
      if (call.status !== 201) {
        reject(sentence(call.status, call.response));
        return;
      }
      add(call.response);
      resolve();
    };
    call.onerror = () => reject(new ApiError(0, 'The upload broke off: the server refused it, or cannot be reached.'));
    call.onabort = () => reject(signal.reason);
    signal.addEventListener('abort', () => call.abort());
    call.send(form);
  });
}

function progress(name, share) {
  byId('upload-bar').value = share;
  byId('upload-name').textContent = share < 1 ? `Sending ${name}: ${percent(share)}` : `Checking whether ${name} fits the base…`;
}

function fail(text) {
  byId('upload-error').textContent = text;
  show(byId('upload-error'), text !== '');
  if (text) announce(text);
}
