// What is marked in the picture. The server tells which line joins which boxes.

/** The elements of a picture by their numbers. */
export interface Parts {
  root: SVGSVGElement;
  boxes: Map<string, SVGGElement>;
  stages: Map<number, SVGGElement>;
  lines: SVGGElement[];
  /** What lines of one kind bring along, where they leave a box. */
  labels: SVGElement[];
}

export function partsOf(root: SVGSVGElement): Parts {
  const boxes = new Map<string, SVGGElement>();
  const stages = new Map<number, SVGGElement>();
  for (const box of root.querySelectorAll<SVGGElement>('g[data-box]')) {
    boxes.set(box.dataset['box'] ?? '', box);
    if (box.dataset['stage'] !== undefined) stages.set(Number(box.dataset['stage']), box);
  }
  const lines = [...root.querySelectorAll<SVGGElement>('g[data-edge][data-from]')];
  const labels = [...root.querySelectorAll<SVGElement>('.label[data-from]')];
  return { root, boxes, stages, lines, labels };
}

/** Marks a box or a line with all that it is joined to, and dims the others; null marks nothing. */
export function mark(parts: Parts, pointed: SVGGElement | null): void {
  for (const marked of parts.root.querySelectorAll('.on')) marked.classList.remove('on');
  parts.root.classList.toggle('pointed', pointed !== null);
  if (!pointed) return;
  const box = pointed.dataset['box'];
  const joined = parts.lines.filter((line) =>
    box === undefined ? line === pointed : line.dataset['from'] === box || line.dataset['to'] === box,
  );
  pointed.classList.add('on');
  for (const line of joined) {
    line.classList.add('on');
    parts.boxes.get(line.dataset['from'] ?? '')?.classList.add('on');
    parts.boxes.get(line.dataset['to'] ?? '')?.classList.add('on');
    for (const label of parts.labels) {
      const { from, kind } = label.dataset;
      if (from === line.dataset['from'] && kind && line.classList.contains(kind)) label.classList.add('on');
    }
  }
}

/** Draws a frame around the box of the stage that the cursor is in. */
export function markCursor(parts: Parts, stage: number | null): SVGGElement | null {
  parts.root.querySelector('.cursor')?.remove();
  const box = stage === null ? undefined : parts.stages.get(stage);
  if (!box) return null;
  const { x, y, width, height } = box.getBBox();
  const frame = document.createElementNS('http://www.w3.org/2000/svg', 'rect');
  const sides = { x: x - 4, y: y - 4, width: width + 8, height: height + 8, rx: 8 };
  for (const [name, value] of Object.entries(sides)) frame.setAttribute(name, String(value));
  frame.setAttribute('class', 'cursor');
  // In front of all, where nothing dims it.
  parts.root.append(frame);
  return box;
}
