// Puts a new picture in the place of an old one, and keeps what is the same: drawing a part takes longer than comparing it.

/** Parses a picture without showing it. */
export function parse(svg: string): SVGSVGElement | null {
  const template = document.createElement('template');
  template.innerHTML = svg;
  return template.content.querySelector('svg');
}

/** How deep pictures are told apart: the groups of a picture, and the boxes and lines in them. */
const DEPTH = 2;

/** Makes `live`, which was made from `before`, what `next` is. */
export function renew(live: Element, before: Element, next: Element, depth = DEPTH): void {
  if (before.isEqualNode(next)) return;
  if (depth === 0 || before.tagName !== next.tagName) {
    live.replaceWith(next.cloneNode(true));
    return;
  }
  for (const { name } of [...before.attributes]) if (!next.hasAttribute(name)) live.removeAttribute(name);
  for (const { name, value } of next.attributes) {
    if (before.getAttribute(name) !== value) live.setAttribute(name, value);
  }
  const [own, old] = [[...live.children], [...before.children]];
  [...next.children].forEach((child, index) => {
    const [mine, its] = [own[index], old[index]];
    if (mine && its) renew(mine, its, child, depth - 1);
    else live.append(child.cloneNode(true));
  });
  for (const rest of own.slice(next.children.length)) rest.remove();
}
