// Where the picture lies, in numbers. A view is what is seen of it: its size, the zoom and how far it is scrolled.

export interface Size {
  width: number;
  height: number;
}

export interface Point {
  x: number;
  y: number;
}

/** Around the picture. */
export const MARGIN = 24;

export const SMALLEST = 0.1;
export const LARGEST = 4;

// Below this, names are hard to read.
const READABLE = 0.6;

/** The zoom that shows all of a picture; small pictures are not blown up. */
export function fitting(view: Size, picture: Size): number {
  const zoom = Math.min((view.width - 2 * MARGIN) / picture.width, (view.height - 2 * MARGIN) / picture.height, 1);
  return limited(zoom);
}

/** The zoom to begin with: all of the picture, as long as it can be read. */
export function initial(view: Size, picture: Size): number {
  return Math.max(fitting(view, picture), READABLE);
}

export function limited(zoom: number): number {
  return Math.min(Math.max(zoom, SMALLEST), LARGEST);
}

/** Where the picture begins in the scrolled area: a small one in the middle, unless something in it has to stay where it is. */
export function begin(view: Size, picture: Size, zoom: number, wanted?: Point): Point {
  const along = (view: number, picture: number, wanted: number | undefined) => {
    const last = view - picture * zoom - MARGIN;
    return last < MARGIN ? MARGIN : Math.min(Math.max(wanted ?? (last + MARGIN) / 2, MARGIN), last);
  };
  return { x: along(view.width, picture.width, wanted?.x), y: along(view.height, picture.height, wanted?.y) };
}

/** The point of the picture that is seen at `at`, counted from the corner of the view. */
export function pointAt(at: Point, scroll: Point, begin: Point, zoom: number): Point {
  return { x: (at.x + scroll.x - begin.x) / zoom, y: (at.y + scroll.y - begin.y) / zoom };
}

/** How far to scroll so that a point of the picture is seen at `at`. */
export function scrollTo(point: Point, at: Point, begin: Point, zoom: number): Point {
  return { x: point.x * zoom + begin.x - at.x, y: point.y * zoom + begin.y - at.y };
}

/** How far to scroll along one axis to see a stretch with some room around it; as it is if it is seen. */
export function reveal(scroll: number, view: number, start: number, end: number, room = MARGIN): number {
  if (end - start + 2 * room > view) return start - room;
  if (start - room < scroll) return start - room;
  return end + room > scroll + view ? end + room - view : scroll;
}

/** The factor that one turn of the wheel stands for. A pinch comes as many small turns. */
export function wheelFactor(delta: number): number {
  return Math.exp(-Math.max(-20, Math.min(20, delta)) * 0.01);
}
