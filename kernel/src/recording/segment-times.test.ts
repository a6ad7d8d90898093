import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fitBetween, segmentTimes, type ClosedFile } from './segment-times.ts';

const file: ClosedFile = {
  closedAt: 1_000_000,
  isExact: true,
  durationMs: 4000,
  previousEnd: null,
  coveredUntil: null,
  notBefore: 990_000,
  maxMs: 3_600_000,
};
const times = (change: Partial<ClosedFile>) => segmentTimes({ ...file, ...change });

describe('segmentTimes', () => {
  it('ends when the file was closed and begins its duration before', () => {
    expect(times({})).toEqual({ startTime: 996_000, endTime: 1_000_000 });
  });

  it('abuts the segment before in the same run, in spite of jitter', () => {
    expect(times({ previousEnd: 995_400 }).startTime).toBe(995_400);
    expect(times({ previousEnd: 996_700 }).startTime).toBe(996_700);
  });

  it('does not begin before the end of the segment before, however short it is', () => {
    expect(times({ durationMs: 40, previousEnd: 1_000_000 })).toEqual({
      startTime: 1_000_000,
      endTime: 1_000_001,
    });
    expect(times({ durationMs: 40, previousEnd: 1_000_300 })).toEqual({
      startTime: 1_000_300,
      endTime: 1_000_301,
    });
  });

  it('keeps a hole that is more than jitter', () => {
    expect(times({ previousEnd: 990_000 }).startTime).toBe(996_000);
  });

  it('cuts a duration that can not have passed', () => {
    expect(times({ durationMs: 3_600_000, previousEnd: 995_000 }).startTime).toBe(995_000);
    expect(times({ durationMs: 3_600_000 }).startTime).toBe(980_000);
  });

  it('reckons a stream that stood still from the segment before', () => {
    expect(times({ isExact: false, closedAt: 1_000_000, previousEnd: 996_300 })).toEqual({
      startTime: 996_300,
      endTime: 1_000_300,
    });
  });

  it('does not overlap what other runs cover, unless the clock was set back', () => {
    expect(times({ coveredUntil: 998_000 }).startTime).toBe(998_000);
    expect(times({ coveredUntil: 2_000_000 }).startTime).toBe(996_000);
  });

  it('keeps its length when the clock was set back, within a run and since its start', () => {
    const setBack = { previousEnd: 4_599_000, notBefore: 4_590_000 };
    expect(times(setBack)).toEqual({ startTime: 996_000, endTime: 1_000_000 });
    expect(times({ ...setBack, previousEnd: 996_100 })).toEqual({ startTime: 996_100, endTime: 1_000_000 });
  });

  it('always answers whole ms, the start before the end', () => {
    const time = fc.double({ min: 0, max: 2_000_000, noNaN: true });
    const maybe = fc.option(fc.nat(2_000_000));
    fc.assert(
      fc.property(
        time,
        fc.boolean(),
        time,
        maybe,
        maybe,
        time,
        (closedAt, isExact, durationMs, previousEnd, coveredUntil, notBefore) => {
          const result = times({
            closedAt: closedAt + 1,
            isExact,
            durationMs,
            previousEnd,
            coveredUntil,
            notBefore,
          });
          expect(Number.isInteger(result.startTime) && Number.isInteger(result.endTime)).toBe(true);
          expect(result.startTime).toBeLessThan(result.endTime);
        },
      ),
    );
  });
});

describe('fitBetween', () => {
  const fit = (previousEnd: number | null, next: number | null) =>
    fitBetween({ startTime: 1000, endTime: 5000 }, previousEnd, next);

  it('cuts what overlaps the neighbours', () => {
    expect(fit(1400, 4500)).toEqual({ startTime: 1400, endTime: 4500 });
    expect(fit(900, 6000)).toEqual({ startTime: 1000, endTime: 5000 });
    expect(fit(null, null)).toEqual({ startTime: 1000, endTime: 5000 });
  });

  it('leaves a file alone that lies within another', () => {
    expect(fit(9000, null)).toEqual({ startTime: 1000, endTime: 5000 });
  });
});
