// What a reader who does not see, or not well, depends on. Gives a sentence for everything that is wrong with what is shown now.
() => {
  const wrong = [];
  const seen = element => element.checkVisibility({ visibilityProperty: true });
  const path = element => `<${element.tagName.toLowerCase()}${element.id ? ` id=${element.id}` : ''} class="${element.className}">`;

  // Every control has a name.
  const byIds = ids => ids.split(/\s+/).map(id => document.getElementById(id)?.textContent ?? '').join(' ').trim();
  const name = element => (element.getAttribute('aria-labelledby') ? byIds(element.getAttribute('aria-labelledby')) : '')
    || element.getAttribute('aria-label') || [...element.labels ?? []].map(label => label.textContent).join(' ').trim()
    || (/^(BUTTON|A|SUMMARY)$/.test(element.tagName) ? element.textContent.trim() : '');
  for (const element of document.querySelectorAll('button, a[href], input, select, textarea, progress, summary, [role=grid], [role=gridcell], [role=tablist], [role=tabpanel], [role=radiogroup], [role=region]')) {
    if (seen(element) && !name(element)) wrong.push(`${path(element)} has no name`);
  }

  // References lead somewhere, ids are there once.
  for (const attribute of ['aria-labelledby', 'aria-describedby', 'aria-controls', 'for', 'form']) {
    for (const element of document.querySelectorAll(`[${attribute}]`)) {
      for (const id of element.getAttribute(attribute).split(/\s+/)) if (!document.getElementById(id)) wrong.push(`${path(element)}: ${attribute} names ${id}, which is not there`);
    }
  }
  const ids = [...document.querySelectorAll('[id]')].map(element => element.id);
  for (const id of new Set(ids.filter((each, i) => ids.indexOf(each) !== i))) wrong.push(`${id} is the id of several elements`);

  // Landmarks and headings.
  if (document.documentElement.lang !== 'en') wrong.push('the language is not said');
  for (const landmark of ['main', 'h1']) if (document.querySelectorAll(landmark).length !== 1) wrong.push(`expected one ${landmark}`);
  let level = 0;
  for (const heading of [...document.querySelectorAll('h1, h2, h3, h4, h5, h6')].filter(seen)) {
    const next = Number(heading.tagName[1]);
    if (next > level + 1) wrong.push(`${path(heading)} “${heading.textContent}” comes after a heading of level ${level}`);
    level = next;
  }

  // Contrast of every text with what is behind it.
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const rgba = colour => {
    canvas.clearRect(0, 0, 1, 1);
    canvas.fillStyle = colour;
    canvas.fillRect(0, 0, 1, 1);
    return [...canvas.getImageData(0, 0, 1, 1).data];
  };
  const luminance = ([r, g, b]) => [r, g, b].map(part => part / 255).map(part => part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4)
    .reduce((sum, part, i) => sum + part * [0.2126, 0.7152, 0.0722][i], 0);
  const behind = element => {
    for (let at = element; at; at = at.parentElement) {
      const colour = rgba(getComputedStyle(at).backgroundColor);
      if (colour[3] === 255) return colour;
    }
    return [255, 255, 255, 255];
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node = walker.nextNode(); node; node = walker.nextNode()) {
    const element = node.parentElement;
    if (node.textContent.trim() === '' || !seen(element) || element.closest(':disabled, .hidden-text, option, noscript, script')) continue;
    const [one, other] = [luminance(rgba(getComputedStyle(element).color)), luminance(behind(element))].sort((a, b) => b - a);
    const contrast = (one + 0.05) / (other + 0.05);
    if (contrast < 4.5) wrong.push(`${path(element)} “${node.textContent.trim().slice(0, 40)}” has a contrast of ${contrast.toFixed(2)}`);
  }
  return wrong;
}
