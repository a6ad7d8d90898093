/** Do ground point and even-odd rule agree with the definition, and with a second, exact way of counting? */
import * as fc from 'fast-check';
import { expect, test } from 'vitest';
import { encloses, groundPoint } from './geometry.ts';
import type { Point } from './schema.ts';

const square: Point[] = [
  [0.2, 0.2],
  [0.8, 0.2],
  [0.8, 0.8],
  [0.2, 0.8],
];

test('the ground point is the bottom centre of the box and is not clamped', () => {
  expect(groundPoint([0.25, 0.25, 0.5, 0.5])).toEqual([0.5, 0.75]);
  expect(groundPoint([0.5, 0.5, 1, 1])).toEqual([1, 1.5]);
  expect(groundPoint([0.25, 0.25, 0.5, 0.5, 'more', null])).toEqual([0.5, 0.75]);
});

test.for([
  [null],
  [7],
  ['0,0,1,1'],
  [{ x: 0, y: 0, w: 1, h: 1 }],
  [[]],
  [[0, 0, 1]],
  [[0, 0, 1, null]],
  [[0, 0, '1', 1]],
  [[0, Number.NaN, 1, 1]],
  [[0, 0, 1, Number.POSITIVE_INFINITY]],
])('%j is no box', ([bbox]) => {
  expect(groundPoint(bbox as never)).toBeUndefined();
});

test('top and left edges are inside, bottom and right edges outside', () => {
  expect(encloses(square, [0.2, 0.5])).toBe(true);
  expect(encloses(square, [0.5, 0.2])).toBe(true);
  expect(encloses(square, [0.8, 0.5])).toBe(false);
  expect(encloses(square, [0.5, 0.8])).toBe(false);
});

test('fewer than three points enclose nothing', () => {
  expect(encloses([], [0.5, 0.5])).toBe(false);
  expect(encloses(square.slice(0, 2), [0.5, 0.2])).toBe(false);
});

test('where a polygon covers a place twice, that place is outside', () => {
  const twice: Point[] = [...square, ...square];
  expect(encloses(twice, [0.5, 0.5])).toBe(false);
});

// Vertices on multiples of 42 and points in between: integers, so that the second count is exact.
const scale = 42;
const vertex = fc.tuple(fc.integer({ min: 0, max: 10 }), fc.integer({ min: 0, max: 10 }));
const place = fc.tuple(fc.integer({ min: -20, max: 440 }), fc.integer({ min: -20, max: 440 }));

test('the rule agrees with an exact count of crossings along a ray in the other direction', () => {
  let inside = 0;
  const property = fc.property(fc.array(vertex, { minLength: 3, maxLength: 12 }), place, (corners, at) => {
    const polygon = corners.map(([x, y]): Point => [x * scale, y * scale]);
    fc.pre(!liesOnBoundary(polygon, at));
    const expected = crossingsBelow(polygon, at) % 2 === 1;
    inside += Number(expected);
    expect(encloses(polygon, at)).toBe(expected);
  });
  fc.assert(property, { numRuns: 5000 });
  expect(inside).toBeGreaterThan(200);
});

function edges(polygon: readonly Point[]): [Point, Point][] {
  return polygon.map((point, index) => [point, polygon[(index + 1) % polygon.length] ?? point]);
}

/** Twice the signed area of a triangle; 0 when the three lie on a line. */
function turn([ax, ay]: Point, [bx, by]: Point, [cx, cy]: Point): number {
  return (bx - ax) * (cy - ay) - (by - ay) * (cx - ax);
}

function liesOnBoundary(polygon: readonly Point[], at: Point): boolean {
  return edges(polygon).some(
    ([a, b]) =>
      turn(a, b, at) === 0 &&
      at[0] >= Math.min(a[0], b[0]) &&
      at[0] <= Math.max(a[0], b[0]) &&
      at[1] >= Math.min(a[1], b[1]) &&
      at[1] <= Math.max(a[1], b[1]),
  );
}

/** Edges that a vertical ray from `at` towards greater y meets. */
function crossingsBelow(polygon: readonly Point[], at: Point): number {
  return edges(polygon).filter(([a, b]) => {
    if (a[0] > at[0] === b[0] > at[0]) return false;
    const [left, right] = a[0] < b[0] ? [a, b] : [b, a];
    return turn(left, right, at) < 0;
  }).length;
}
