// Elements from data. Text only ever becomes text: nothing here, or anywhere on this page, reads markup from a string.

/** The element of an id. */
export const byId = id => document.getElementById(id);

/**
 * A new element.
 * @param {string} tag Its name, with classes behind dots, such as "p.small".
 * @param {object} properties `text`, handlers such as `onclick`, and attributes; those that are null or false are left out.
 * @param {...(Node|string|null)} children What is in it; null is left out.
 */
export function el(tag, properties = {}, ...children) {
  const [name, ...classes] = tag.split('.');
  const element = document.createElement(name);
  element.classList.add(...classes);
  for (const [key, value] of Object.entries(properties)) {
    if (value === null || value === undefined || value === false) continue;
    if (key === 'text') element.textContent = value;
    else if (key.startsWith('on')) element.addEventListener(key.slice(2), value);
    else element.setAttribute(key, value === true ? '' : value);
  }
  element.append(...children.filter(child => child !== null && child !== undefined));
  return element;
}

/** Puts these in the place of what is in an element; null is left out, which the browser would write as a word. */
export function fill(element, ...children) {
  element.replaceChildren(...children.filter(child => child !== null && child !== undefined));
}

/** Shows an element, or hides it. */
export function show(element, shown) {
  element.hidden = !shown;
}

/** A table with a caption and headings. Cells are strings, numbers or nodes; the first of a row is its heading. */
export function table(caption, headings, rows) {
  return el('div.scroll', { tabindex: '0', role: 'region', 'aria-label': caption },
    el('table', {},
      el('caption', { text: caption }),
      el('thead', {}, el('tr', {}, ...headings.map(heading => el('th', { scope: 'col', text: heading })))),
      el('tbody', {}, ...rows.map(cells => el('tr', {}, ...cells.map((cell, i) =>
        el(i === 0 ? 'th' : 'td', i === 0 ? { scope: 'row' } : {}, cell instanceof Node ? cell : String(cell))))))));
}
