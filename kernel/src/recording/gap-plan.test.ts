import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { OutageSpan } from '../store/gap-queries.ts';
import { causeOf, planGaps } from './gap-plan.ts';

const always = [{ start: 0, end: 1_000_000 }];
const offline = (start: number, end: number | null): OutageSpan => ({ start, end, cause: 'camera_offline' });

describe('planGaps', () => {
  it('takes a hole of four seconds and none that is shorter', () => {
    expect(planGaps({ start: 1000, end: 5000 }, always, [])).toEqual([
      { start: 1000, end: 5000, cause: 'unknown' },
    ]);
    expect(planGaps({ start: 1000, end: 4999 }, always, [])).toEqual([]);
  });

  it('takes only what was meant to be recorded, span by span', () => {
    const windows = [
      { start: 10_000, end: 20_000 },
      { start: 50_000, end: 52_000 },
      { start: 60_000, end: 90_000 },
    ];
    expect(planGaps({ start: 0, end: 70_000 }, windows, []).map(({ start, end }) => [start, end])).toEqual([
      [10_000, 20_000],
      [60_000, 70_000],
    ]);
  });

  it('takes what is meant for one reason after another for one time', () => {
    const reasons = [
      { start: 0, end: 3000 },
      { start: 3000, end: 9000 },
    ];
    expect(planGaps({ start: 1000, end: 6000 }, reasons, [])).toEqual([
      { start: 1000, end: 6000, cause: 'unknown' },
    ]);
  });

  it('names the cause that fills most of the time', () => {
    const outages: OutageSpan[] = [
      { start: 0, end: 3000, cause: 'stalled' },
      offline(3000, 20_000),
      { start: 20_000, end: null, cause: 'disk' },
    ];
    expect(planGaps({ start: 0, end: 25_000 }, always, outages)[0]?.cause).toBe('camera_offline');
    expect(causeOf({ start: 30_000, end: 40_000 }, outages)).toBe('disk');
    expect(causeOf({ start: 0, end: 10 }, [offline(10, 20)])).toBeNull();
  });

  it('stays within the hole and within intent', () => {
    const span = fc
      .tuple(fc.nat(100_000), fc.nat(50_000))
      .map(([start, length]) => ({ start, end: start + length }));
    fc.assert(
      fc.property(span, span, (hole, intent) => {
        for (const { start, end } of planGaps(hole, [intent], [])) {
          expect(start).toBeGreaterThanOrEqual(Math.max(hole.start, intent.start));
          expect(end).toBeLessThanOrEqual(Math.min(hole.end, intent.end));
          expect(end - start).toBeGreaterThanOrEqual(4000);
        }
      }),
    );
  });
});
