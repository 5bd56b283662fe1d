// Light or dark: as the system has it, until the visitor chooses.

import { byId } from './dom.js';

const KEY = 'dit.theme';

/** Applies what was chosen before and makes the button work. */
export function start() {
  const dark = matchMedia('(prefers-color-scheme: dark)');
  let chosen = read();
  const apply = () => {
    const isDark = chosen ? chosen === 'dark' : dark.matches;
    document.documentElement.dataset.theme = isDark ? 'dark' : 'light';
    byId('theme').textContent = isDark ? '☀ Light' : '☾ Dark';
  };
  dark.addEventListener('change', apply);
  byId('theme').addEventListener('click', () => {
    chosen = document.documentElement.dataset.theme === 'dark' ? 'light' : 'dark';
    write(chosen);
    apply();
  });
  apply();
}

function read() {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

function write(theme) {
  try {
    localStorage.setItem(KEY, theme);
  } catch { /* then it lasts until the page is left */ }
}
