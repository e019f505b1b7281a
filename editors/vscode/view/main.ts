// Shows the picture that the server draws. All that is decided here is where it lies and what is marked.

import type { FromPage, Picture, Saved, ToPage } from '../src/graph/messages';
import { targetNames } from '../src/graph/request';
import { mark, markCursor, type Parts, partsOf } from './marks';
import { begin, fitting, initial, limited, MARGIN, type Point, pointAt, reveal, scrollTo, type Size, wheelFactor } from './place';
import { parse, renew } from './renew';

interface Code {
  postMessage(message: FromPage): void;
  getState(): State | undefined;
  setState(state: State): void;
}

// `auto` and `fit` follow the size of the view.
type Zoom = number | 'auto' | 'fit';

interface Place {
  zoom: Zoom;
  scroll: Point;
}

interface State extends Saved {
  places: Record<string, Place>;
}

declare function acquireVsCodeApi(): Code;

const code = acquireVsCodeApi();
const state: State = code.getState() ?? { places: {} };

const element = <T extends HTMLElement>(id: string) => document.getElementById(id) as T;
const tools = element('tools');
const canvas = element('canvas');
const holder = element('picture');
const message = element('message');
const target = element<HTMLSelectElement>('target');
const needed = element<HTMLButtonElement>('needed');

let shown: Picture | undefined;
let parts: Parts | undefined;
let drawn: SVGSVGElement | undefined; // What the server sent, without marks.
let size: Size = { width: 1, height: 1 };
let zoom: Zoom = 'auto';
let corner: Point = { x: 0, y: 0 }; // Where the picture begins.
let clicks = { edge: -1, count: 0 };
let moved = 0; // When the picture was moved by hand.

const decoder = new TextDecoder();
const calm = matchMedia('(prefers-reduced-motion: reduce)');
const view = (): Size => ({ width: canvas.clientWidth, height: canvas.clientHeight });
const scrolled = (): Point => ({ x: canvas.scrollLeft, y: canvas.scrollTop });
const middle = (): Point => ({ x: canvas.clientWidth / 2, y: canvas.clientHeight / 2 });

function factor(): number {
  if (zoom === 'auto') return initial(view(), size);
  return zoom === 'fit' ? fitting(view(), size) : zoom;
}

/** Lays the picture out anew, in the middle if nothing else is wanted. */
function lay(wanted?: Point): void {
  const svg = parts?.root;
  if (!svg) return;
  const by = factor();
  corner = begin(view(), size, by, wanted);
  svg.style.width = `${size.width * by}px`;
  svg.style.height = `${size.height * by}px`;
  svg.style.left = `${corner.x}px`;
  svg.style.top = `${corner.y}px`;
  // A small picture leaves nothing to scroll.
  holder.style.width = `${corner.x + size.width * by + MARGIN}px`;
  holder.style.height = `${corner.y + size.height * by + MARGIN}px`;
  element('zoom').textContent = `${Math.round(by * 100)} %`;
}

function scroll(to: Point): void {
  canvas.scrollLeft = to.x;
  canvas.scrollTop = to.y;
}

/** Changes the zoom; what is seen at `at` stays there. */
function zoomTo(wanted: Zoom, at: Point = middle()): void {
  const point = pointAt(at, scrolled(), corner, factor());
  zoom = typeof wanted === 'number' ? limited(wanted) : wanted;
  const without = scrollTo(point, at, { x: 0, y: 0 }, factor());
  lay(zoom === 'fit' ? undefined : { x: -without.x, y: -without.y });
  scroll(scrollTo(point, at, corner, factor()));
  save();
}

let saving: ReturnType<typeof setTimeout> | undefined;

/** Keeps what is chosen for a reload of the window, once nothing more pressing is to be done. */
function save(): void {
  saving ??= setTimeout(() => {
    saving = undefined;
    if (!shown) return;
    state.uri = shown.uri;
    state.choice = shown.choice;
    state.places[shown.uri] = { zoom, scroll: scrolled() };
    code.setState(state);
  }, 200);
}

/** The box that should stay where it is while the picture changes: the cursor's, or else the one next to the middle of the view. */
function anchor(): { name: string; at: Point } | undefined {
  if (!parts || !shown) return undefined;
  const frame = canvas.getBoundingClientRect();
  const at = (box: Element): Point => {
    const { left, top } = box.getBoundingClientRect();
    return { x: left - frame.left, y: top - frame.top };
  };
  const inside = ({ x, y }: Point) => x > -50 && y > -50 && x < frame.width && y < frame.height;
  const own = shown.cursor === null ? undefined : parts.stages.get(shown.cursor);
  const far = ({ x, y }: Point) => Math.hypot(x - frame.width / 2, y - frame.height / 2);
  const seen = [...parts.stages].map(([stage, box]) => ({ stage, at: at(box) })).filter((it) => inside(it.at));
  const best = seen.find((it) => parts?.stages.get(it.stage) === own) ?? seen.sort((a, b) => far(a.at) - far(b.at))[0];
  return best && { name: name(shown, best.stage), at: best.at };
}

// Numbers change when a stage comes or goes above.
function name(picture: Picture, stage: number): string {
  return picture.stages[stage]?.name ?? `#${stage}`;
}

function hold(kept: { name: string; at: Point } | undefined): void {
  if (!kept || !parts || !shown) return;
  const picture = shown;
  const stage = [...parts.stages.keys()].find((stage) => name(picture, stage) === kept.name);
  const box = stage === undefined ? undefined : parts.stages.get(stage);
  if (!box) return;
  // What can't be scrolled away is made good by the corner.
  lay(corrected(box, kept.at, corner, -1));
  scroll(corrected(box, kept.at, scrolled(), 1));
}

/** `from`, moved by how far the box is away from its place. */
function corrected(box: SVGGElement, place: Point, from: Point, sign: number): Point {
  const [now, frame] = [box.getBoundingClientRect(), canvas.getBoundingClientRect()];
  return {
    x: from.x + sign * (now.left - frame.left - place.x),
    y: from.y + sign * (now.top - frame.top - place.y),
  };
}

function draw(picture: Picture): void {
  // What is pressed or pointed at stays there as long as it is the same.
  if (shown?.uri === picture.uri && shown.svg === picture.svg) {
    const { cursor } = shown;
    shown = picture;
    if (picture.cursor !== cursor) cursorMoved(picture.cursor);
  } else replace(picture);
  if (!shown) return;
  fill(picture);
  holder.dataset['version'] = String(picture.version);
  save();
}

function replace(picture: Picture): void {
  const same = shown?.uri === picture.uri;
  if (shown && !same) state.places[shown.uri] = { zoom, scroll: scrolled() };
  const kept = same ? anchor() : undefined;
  const focused = focusedStage();
  const place = scrolled();
  shown = picture;
  const next = parse(picture.svg);
  if (!next) return nothing('There is nothing to draw.');
  const root = renewed(next);
  parts = partsOf(root);
  size = sizeOf(root);
  message.hidden = true;
  tools.hidden = canvas.hidden = false;
  if (!same) zoom = state.places[picture.uri]?.zoom ?? 'auto';
  lay(same ? corner : undefined);
  const box = markCursor(parts, picture.cursor);
  if (same) {
    scroll(place);
    hold(kept);
  } else {
    const before = state.places[picture.uri];
    if (before) scroll(before.scroll);
    else show(box ?? parts.stages.get(picture.target ?? -1) ?? null, false);
  }
  if (focused !== undefined) focusStage(picture, focused);
}

/** Shows a picture in the place of the one before. */
function renewed(next: SVGSVGElement): SVGSVGElement {
  const live = parts?.root;
  if (parts && live && drawn) {
    mark(parts, null);
    markCursor(parts, null);
    renew(live, drawn, next);
  } else holder.replaceChildren(next.cloneNode(true));
  drawn = next;
  return holder.querySelector('svg') ?? next;
}

function sizeOf(root: SVGSVGElement): Size {
  const { width, height } = root.viewBox.baseVal;
  if (width > 0 && height > 0) return { width, height };
  return { width: root.width.baseVal.value, height: root.height.baseVal.value };
}

function focusedStage(): string | undefined {
  // Without the focus, the page still knows what had it last. To focus that again would take people out of their text.
  if (!document.hasFocus()) return undefined;
  const box = document.activeElement?.closest<SVGGElement>('[data-stage]');
  return box && shown ? name(shown, Number(box.dataset['stage'])) : undefined;
}

function focusStage(picture: Picture, wanted: string): void {
  const stage = picture.stages.findIndex((_, index) => name(picture, index) === wanted);
  (parts?.stages.get(stage) ?? canvas).focus({ preventScroll: true });
}

function fill(picture: Picture): void {
  const { stages, choice } = picture;
  const names = targetNames(stages);
  // Changed one by one: an open list would close, and sixty new ones take their time.
  const wanted = [{ text: 'the last stage', value: '' }, ...stages.map(({ title }, index) => ({ text: title, value: names[index] ?? '' }))];
  target.options.length = Math.min(target.options.length, wanted.length);
  wanted.forEach(({ text, value }, index) => {
    const option = target.options[index] ?? target.appendChild(new Option());
    if (option.text !== text) option.text = text;
    if (option.value !== value || !option.hasAttribute('value')) option.value = value;
    option.disabled = index > 0 && value === '';
  });
  target.value = choice.target ?? '';
  needed.setAttribute('aria-pressed', String(picture.needed));
  canvas.setAttribute('aria-label', `Stages of ${picture.file}`);
}

function nothing(text: string): void {
  shown = undefined;
  parts = undefined;
  drawn = undefined;
  holder.replaceChildren();
  tools.hidden = canvas.hidden = true;
  message.hidden = false;
  message.textContent = text;
}

/** Scrolls to a box. */
function show(box: SVGGElement | null, smooth: boolean): void {
  if (!box) return;
  const [at, frame, from] = [box.getBoundingClientRect(), canvas.getBoundingClientRect(), scrolled()];
  const [left, top] = [at.left - frame.left + from.x, at.top - frame.top + from.y];
  canvas.scrollTo({
    left: reveal(from.x, frame.width, left, left + at.width),
    top: reveal(from.y, frame.height, top, top + at.height),
    behavior: smooth && !calm.matches ? 'smooth' : 'instant',
  });
}

function cursorMoved(stage: number | null): void {
  if (!parts || !shown) return;
  shown.cursor = stage;
  const box = markCursor(parts, stage);
  // Not away from what somebody is looking at.
  if (performance.now() - moved > 1500) show(box, true);
}

/** The box or line that an event is about. */
function pointed(event: Event): SVGGElement | null {
  return event.target instanceof Element ? event.target.closest<SVGGElement>('g[data-box], g[data-edge]') : null;
}

function open(part: SVGGElement): void {
  const { stage, edge } = part.dataset;
  if (stage !== undefined) return code.postMessage({ type: 'open', stage: Number(stage) });
  if (edge === undefined) return;
  clicks = { edge: Number(edge), count: clicks.edge === Number(edge) ? clicks.count + 1 : 0 };
  code.postMessage({ type: 'open', edge: clicks.edge, click: clicks.count });
}

/** Moves the picture with the pointer. What moved is no click. */
function listenToDrags(): void {
  let from: { x: number; y: number; scroll: Point; dragged: boolean } | undefined;
  canvas.addEventListener('pointerdown', (event) => {
    if (event.button > 1 || event.pointerType === 'touch') return;
    from = { x: event.clientX, y: event.clientY, scroll: scrolled(), dragged: false };
  });
  addEventListener('pointermove', (event) => {
    if (!from) return;
    // Nobody tells that a scroll bar was let go.
    if (event.buttons === 0) return end();
    const [x, y] = [event.clientX - from.x, event.clientY - from.y];
    if (!from.dragged && Math.hypot(x, y) < 4) return;
    from.dragged = true;
    canvas.classList.add('dragged');
    moved = performance.now();
    scroll({ x: from.scroll.x - x, y: from.scroll.y - y });
  });
  const end = () => {
    canvas.classList.remove('dragged');
    const last = from;
    from = undefined;
    if (!last?.dragged) return;
    // If a click follows, it follows at once.
    const swallow = (event: Event) => event.stopImmediatePropagation();
    canvas.addEventListener('click', swallow, { capture: true });
    setTimeout(() => canvas.removeEventListener('click', swallow, { capture: true }));
  };
  addEventListener('pointerup', end);
  addEventListener('pointercancel', end);
}

function listen(): void {
  listenToDrags();
  canvas.addEventListener('click', (event) => {
    const part = pointed(event);
    if (part) open(part);
  });
  canvas.addEventListener('pointerover', (event) => {
    if (parts && !canvas.classList.contains('dragged')) mark(parts, pointed(event));
  });
  canvas.addEventListener('pointerleave', () => parts && mark(parts, null));
  canvas.addEventListener('focusin', (event) => parts && mark(parts, pointed(event)));
  canvas.addEventListener('focusout', () => parts && mark(parts, null));
  canvas.addEventListener('scroll', () => save(), { passive: true });
  canvas.addEventListener(
    'wheel',
    (event) => {
      moved = performance.now();
      if (!event.ctrlKey && !event.metaKey) return;
      event.preventDefault();
      const { left, top } = canvas.getBoundingClientRect();
      zoomTo(factor() * wheelFactor(event.deltaY), { x: event.clientX - left, y: event.clientY - top });
    },
    { passive: false },
  );
  canvas.addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const part = pointed(event);
    if (part && (event.key === 'Enter' || event.key === ' ')) open(part);
    else if (event.key === '+' || event.key === '=') zoomTo(factor() * 1.25);
    else if (event.key === '-') zoomTo(factor() / 1.25);
    else if (event.key === '0') zoomTo(1);
    else if (event.key.toLowerCase() === 'f') zoomTo('fit');
    else {
      if (event.key.startsWith('Arrow')) moved = performance.now();
      return;
    }
    event.preventDefault();
  });
  const clicked = (id: string, action: () => void) => element(id).addEventListener('click', action);
  clicked('smaller', () => zoomTo(factor() / 1.25));
  clicked('larger', () => zoomTo(factor() * 1.25));
  clicked('zoom', () => zoomTo(1));
  clicked('fit', () => zoomTo('fit'));
  clicked('svg', () => code.postMessage({ type: 'svg' }));
  clicked('mermaid', () => code.postMessage({ type: 'mermaid' }));
  clicked('needed', () => code.postMessage({ type: 'needed', needed: !shown?.needed }));
  target.addEventListener('change', () =>
    code.postMessage({ type: 'target', name: target.value === '' ? null : target.value }),
  );
  new ResizeObserver(() => lay(corner)).observe(canvas);
  addEventListener('message', ({ data }: MessageEvent<ToPage>) => {
    if (data.type === 'picture') draw({ ...data, svg: decoder.decode(data.svg) });
    else if (data.type === 'cursor') cursorMoved(data.stage);
    else nothing(data.message);
  });
}

listen();
code.postMessage({ type: 'ready' });
