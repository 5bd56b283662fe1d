// Where in the network a finetuning changed something: kinds of linear layers by layer, darker where it changed more.

import { byId, el, fill, table } from './dom.js';
import { get, stopped } from './api.js';
import { now, on } from './state.js';
import { count, measured, percent } from './words.js';

let loading = null;

/** Shows the map of whatever is chosen. */
export function start() {
  on(['finetune', 'finetunes'], (state, changed) => {
    if (changed.includes('finetune') || !loading) load();
  });
  load();
}

async function load() {
  loading?.abort();
  loading = null;
  const place = byId('normmap');
  const id = now().finetune;
  if (!id) {
    place.replaceChildren();
    return;
  }
  loading = new AbortController();
  place.replaceChildren(el('p.small.busy', { text: 'Measuring…' }));
  try {
    const diff = await get(`/api/finetunes/${encodeURIComponent(id)}/diff`, { signal: loading.signal });
    fill(place, ...render(diff));
  } catch (failure) {
    if (!stopped(failure)) place.replaceChildren(el('p.error', { text: failure.message }));
  }
}

function render(diff) {
  const relative = diff.sites.length > 0 && diff.sites.every(site => typeof site.relative_norm === 'number');
  const value = site => relative ? site.relative_norm : site.norm;
  const write = site => relative ? precise(site.relative_norm) : measured(site.norm);
  const places = frame(diff);
  const changed = new Map(diff.sites.map(site => [site.site, site]));
  const most = Math.max(...diff.sites.map(value), Number.MIN_VALUE);
  const readout = el('p.small.readout', { 'aria-hidden': 'true', text: 'Point at a square, or go there with the arrow keys.' });
  const grid = map(places, changed, site => Math.max(0, value(site) / most), describe, readout);

  function describe({ kind, layer, site }) {
    const there = changed.get(site);
    return `${kind}, layer ${layer}: ${there ? `${write(there)}${relative ? ' of its weights' : ''}${there.rank ? `, rank ${there.rank}` : ''}` : 'not changed'}`;
  }

  return [
    el('p', { text: summary(diff) }),
    grid, readout,
    el('p.small.legend', { 'aria-hidden': 'true' }, el('span', { text: 'less' }), el('span.ramp'), el('span', { text: 'more' }), el('span.cell.unchanged'), el('span', { text: 'not changed' })),
    findings(diff),
    el('details', {}, el('summary', { text: 'The same as a table' }),
      table(`Change of each linear layer${relative ? ', as a share of its weights’ norm' : ', as a norm'}`, ['layer', 'rank', 'norm', 'share'],
        diff.sites.map(site => [site.site, site.rank ?? 'whole', measured(site.norm), typeof site.relative_norm === 'number' ? precise(site.relative_norm) : '–']))),
  ];
}

const precise = share => share >= 0.1 ? percent(share) : `${measured(share * 100)} %`;

function summary(diff) {
  const share = typeof diff.relative_norm === 'number' ? `, ${precise(diff.relative_norm)} of the weights it changes` : '';
  return `${diff.sites.length} of ${diff.base_sites.length} linear layers are changed, by ${count(diff.parameters)} numbers; norm ${measured(diff.norm)}${share}.`;
}

function findings(diff) {
  const sentences = [...diff.findings.map(finding => finding.sentence), ...diff.changed_elsewhere.map(name => `${name} is changed, too.`)];
  return sentences.length > 0 ? el('ul.small.findings', {}, ...sentences.map(sentence => el('li', { text: sentence }))) : null;
}

/** Kinds of layers as rows and layers as columns, in the order of the base; the kinds are called as the server calls them, whether or not they are changed. */
function frame(diff) {
  const places = diff.base_sites.map(site => {
    const layer = /(?:^|\.)layers\.(\d+)\./.exec(site);
    return { site, layer: layer ? Number(layer[1]) : null, kind: site.split('.').pop().replace(/(?<=.)_proj$/, '') };
  }).filter(place => place.layer !== null);
  return {
    kinds: [...new Set(places.map(place => place.kind))],
    layers: [...new Set(places.map(place => place.layer))].sort((one, other) => one - other),
    at: new Map(places.map(place => [`${place.kind}/${place.layer}`, place])),
  };
}

function map({ kinds, layers, at }, changed, share, describe, readout) {
  const cells = [];
  const rows = kinds.map((kind, row) => el('div.map-row', { role: 'row' },
    el('span.kind', { role: 'rowheader', text: kind }),
    ...layers.map((layer, column) => {
      const place = at.get(`${kind}/${layer}`);
      const there = place && changed.get(place.site);
      const words = place ? describe(place) : `${kind}, layer ${layer}: not in this base`;
      const cell = el(`span.cell${there ? '' : '.unchanged'}`, { role: 'gridcell', tabindex: row + column === 0 ? '0' : '-1', 'aria-label': words });
      if (there) cell.style.setProperty('--heat', `${6 + 94 * share(there)}%`);
      for (const type of ['focus', 'pointerenter']) cell.addEventListener(type, () => { readout.textContent = words; });
      cells.push({ cell, row, column });
      return cell;
    })));
  const grid = el('div.map', { role: 'grid', 'aria-label': 'Norm map: kinds of linear layers by layer' },
    el('div.map-row', { role: 'row' }, el('span.kind', { role: 'columnheader', text: 'layer' }), ...layers.map(layer => el('span.layer', { role: 'columnheader', text: String(layer) }))),
    ...rows);
  grid.style.setProperty('--layers', layers.length);
  grid.addEventListener('keydown', event => walk(event, cells));
  return grid;
}

/** Arrow keys go from cell to cell; one cell is in the tab order. */
function walk(event, cells) {
  const [down, right] = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] }[event.key] ?? [0, 0];
  const from = cells.find(({ cell }) => cell === event.target);
  if (!from || down === right) return;
  event.preventDefault();
  const to = cells.find(({ row, column }) => row === from.row + down && column === from.column + right);
  if (!to) return;
  from.cell.tabIndex = -1;
  to.cell.tabIndex = 0;
  to.cell.focus();
}
