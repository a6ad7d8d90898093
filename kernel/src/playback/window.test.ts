/** Is a window cut into what was recorded and what was not, without a second twice? */
import { expect, test } from 'vitest';
import type { SegmentRow } from '../store/segment-queries.ts';
import { coverageOf, holesIn, piecesOf } from './window.ts';

function segment(startTime: number, endTime: number): SegmentRow {
  return { id: `seg_${startTime}`, startTime, endTime } as SegmentRow;
}

function cut(segments: readonly SegmentRow[], from: number, to: number): [string, number, number][] {
  return piecesOf(segments, { from, to }).map(({ segment: { id }, ...piece }) => [id, piece.from, piece.to]);
}

test('the first and the last segment are cut to the window', () => {
  expect(cut([segment(0, 10), segment(10, 20), segment(20, 30)], 5, 22)).toEqual([
    ['seg_0', 5, 10],
    ['seg_10', 10, 20],
    ['seg_20', 20, 22],
  ]);
});

test('where two segments overlap the earlier one ends', () => {
  expect(cut([segment(0, 12), segment(10, 20)], 0, 20)).toEqual([
    ['seg_0', 0, 10],
    ['seg_10', 10, 20],
  ]);
});

test('a segment within another one adds nothing', () => {
  expect(cut([segment(0, 30), segment(10, 20), segment(25, 40)], 0, 40)).toEqual([
    ['seg_0', 0, 25],
    ['seg_25', 25, 40],
  ]);
});

test('holes are what is left of the window', () => {
  const pieces = piecesOf([segment(0, 10), segment(10, 20), segment(30, 40)], { from: 5, to: 50 });
  const covered = coverageOf(pieces);
  expect(covered).toEqual([
    { start: 5, end: 20 },
    { start: 30, end: 40 },
  ]);
  expect(holesIn(covered, { from: 5, to: 50 })).toEqual([
    { start: 20, end: 30 },
    { start: 40, end: 50 },
  ]);
  expect(holesIn([], { from: 0, to: 3 })).toEqual([{ start: 0, end: 3 }]);
  expect(holesIn([{ start: 0, end: 3 }], { from: 0, to: 3 })).toEqual([]);
});
