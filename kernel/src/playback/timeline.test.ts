import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { gapsOf, timelineOf } from './timeline.ts';

const segment = (startTime: number, endTime: number) => ({ startTime, endTime });
const ranges = (...segments: readonly (readonly [number, number])[]) =>
  timelineOf([segments.map(([start, end]) => segment(start, end))]).ranges;

describe('timelineOf', () => {
  it('joins segments over holes of less than three seconds, and over overlaps', () => {
    expect(ranges([0, 10_000], [12_999, 20_000], [19_000, 25_000])).toEqual([{ start: 0, end: 25_000 }]);
    expect(ranges([0, 10_000], [13_000, 20_000])).toEqual([
      { start: 0, end: 10_000 },
      { start: 13_000, end: 20_000 },
    ]);
  });

  it('never shrinks a range when a shorter segment lies within it', () => {
    expect(ranges([0, 60_000], [1000, 2000], [60_500, 61_000])).toEqual([{ start: 0, end: 61_000 }]);
  });

  it('counts segments over all pages', () => {
    const { ranges: joined, segmentCount } = timelineOf([
      [segment(0, 1000)],
      [segment(1000, 2000), segment(9000, 9500)],
    ]);
    expect(segmentCount).toBe(3);
    expect(joined).toHaveLength(2);
  });
});

describe('gapsOf', () => {
  const covered = ranges([10_000, 20_000], [30_000, 40_000]);

  it('reports the hole between ranges without any bound', () => {
    expect(gapsOf(covered, {})).toEqual([{ start: 20_000, end: 30_000 }]);
  });

  it('reports edges of more than two seconds where a bound is given', () => {
    expect(gapsOf(covered, { from: 8000 })).toHaveLength(1);
    expect(gapsOf(covered, { from: 7999 })[0]).toEqual({ start: 7999, end: 10_000 });
    expect(gapsOf(covered, { to: 50_000 }).at(-1)).toEqual({ start: 40_000, end: 50_000 });
    expect(gapsOf(covered, { from: 15_000, to: 35_000 })).toHaveLength(1);
  });

  it('reports the whole window when nothing was recorded, and nothing with one bound only', () => {
    expect(gapsOf([], { from: 0, to: 5000 })).toEqual([{ start: 0, end: 5000 }]);
    expect(gapsOf([], { from: 0 })).toEqual([]);
    expect(gapsOf([], { to: 0 })).toEqual([]);
    expect(gapsOf([], { from: 0, to: 0 })).toEqual([]);
  });

  it('covers a window completely together with the ranges, but for holes too short to count', () => {
    const segments = fc
      .array(fc.tuple(fc.nat(200_000), fc.integer({ min: 1, max: 20_000 })), { maxLength: 30 })
      .map((list) => list.map(([start, length]) => segment(start, start + length)))
      .map((list) => list.sort((a, b) => a.startTime - b.startTime));
    fc.assert(
      fc.property(segments, (list) => {
        const joined = timelineOf([list]).ranges;
        const gaps = gapsOf(joined, { from: 0, to: 250_000 });
        const pieces = [...joined, ...gaps].sort((a, b) => a.start - b.start);
        let reached = 0;
        for (const { start, end } of pieces) {
          expect(start).toBeGreaterThanOrEqual(reached);
          expect(start - reached).toBeLessThanOrEqual(2000);
          reached = end;
        }
        expect(250_000 - reached).toBeLessThanOrEqual(2000);
      }),
    );
  });
});
