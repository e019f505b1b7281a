import assert from 'node:assert/strict';
import { test } from 'node:test';
import { begin, fitting, initial, MARGIN, pointAt, reveal, scrollTo } from '../view/place';

const view = { width: 900, height: 600 };

test('zooming keeps what is under the pointer there', () => {
  const picture = { width: 2400, height: 900 };
  const pointer = { x: 300, y: 200 };
  const scroll = { x: 700, y: 150 };
  const point = pointAt(pointer, scroll, begin(view, picture, 0.8), 0.8);
  const after = scrollTo(point, pointer, begin(view, picture, 2), 2);
  const again = pointAt(pointer, after, begin(view, picture, 2), 2);
  assert.ok(Math.hypot(again.x - point.x, again.y - point.y) < 1e-9);
});

test('a fitting picture is seen as a whole, and is not blown up', () => {
  const wide = { width: 2400, height: 900 };
  const zoom = fitting(view, wide);
  assert.ok(wide.width * zoom + 2 * MARGIN <= view.width + 1e-9);
  assert.equal(fitting(view, { width: 100, height: 50 }), 1);
});

test('large pictures begin at a size that can be read', () => {
  assert.ok(initial(view, { width: 9000, height: 900 }) > fitting(view, { width: 9000, height: 900 }));
});

test('a small picture stands in the middle, or where something in it is held, but never outside', () => {
  const picture = { width: 400, height: 200 };
  assert.deepEqual(begin(view, picture, 1), { x: 250, y: 200 });
  assert.deepEqual(begin(view, picture, 1, { x: 100, y: 90 }), { x: 100, y: 90 });
  assert.deepEqual(begin(view, picture, 1, { x: -50, y: 5000 }), { x: MARGIN, y: 600 - 200 - MARGIN });
});

test('only what is not seen is scrolled to', () => {
  assert.equal(reveal(100, 900, 300, 400), 100);
  assert.equal(reveal(100, 900, 50, 150), 50 - MARGIN);
  assert.equal(reveal(100, 900, 1100, 1200), 1200 + MARGIN - 900);
});
