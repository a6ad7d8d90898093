import * as fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { RecordingReason } from '../recording/policy.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { intendedSpans, lastIntent } from './intent-queries.ts';

let test: TestStore;
/** Each test has a camera of its own. */
let camera = 0;
beforeAll(async () => {
  test = await openTestStore({ cameras: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] });
});
beforeEach(() => {
  camera += 1;
});
afterAll(() => test.close());

const start = Date.UTC(2026, 0, 1);
/** Times are ms since the start. */
const change = async (reason: RecordingReason | null, at: number, incarnation = camera) => {
  const since = await test.store.write('intents.change', { incarnation, reason, at: start + at });
  return since === null ? null : since - start;
};
const found = (from: number, to: number) =>
  intendedSpans(test.store.read, camera, start + from, start + to).map(({ startTime, endTime, reason }) => ({
    startTime: startTime - start,
    endTime: endTime === null ? null : endTime - start,
    reason,
  }));
const spans = (from: number, to: number) =>
  found(from, to).map((span) => [span.startTime, span.endTime, span.reason]);

describe('what was meant to be recorded', () => {
  it('begins once for a reason, and goes on when it is noted again', async () => {
    expect(await change('continuous', 1000)).toBe(1000);
    expect(await change('continuous', 2000)).toBe(1000);
    expect(spans(0, 10_000)).toEqual([[1000, null, 'continuous']]);
  });

  it('ends with its reason, and goes on for another without a hole', async () => {
    await change('scheduled', 1000);
    await change('event', 2000);
    expect(await change(null, 3000)).toBeNull();
    expect(await change(null, 4000)).toBeNull();
    expect(spans(0, 10_000)).toEqual([
      [1000, 2000, 'scheduled'],
      [2000, 3000, 'event'],
    ]);
  });

  it('never overlaps, also when the clock was set back, and a span of no length was never meant', async () => {
    await change('event', 10_000);
    await change(null, 20_000);
    expect(await change('event', 5000)).toBe(20_000);
    await change(null, 6000);
    expect(spans(0, 100_000)).toEqual([[10_000, 20_000, 'event']]);
  });

  it('is of one life of a camera, and of none that never was', async () => {
    await change('continuous', 1000, camera + 1);
    expect(spans(0, 10_000)).toEqual([]);
    expect(await change('continuous', 1000, 99)).toBeNull();
  });

  it('is found by any range as by looking at every span', async () => {
    const steps = fc.array(
      fc.record({
        by: fc.integer({ min: 1, max: 50 }),
        reason: fc.constantFrom('continuous', 'scheduled', 'event', null),
      }),
      { minLength: 1, maxLength: 12 },
    );
    let base = 0;
    await fc.assert(
      fc.asyncProperty(steps, fc.integer({ min: 0, max: 400 }), fc.nat(200), async (list, offset, length) => {
        base += 10_000;
        await change(null, base - 1000);
        let at = base;
        for (const { by, reason } of list) await change(reason, (at += by));
        const all = found(0, 1e9);
        const [from, to] = [base + offset, base + offset + length];
        const expected = all.filter(
          ({ startTime, endTime }) => startTime < to && (endTime ?? Infinity) > from,
        );
        expect(found(from, to)).toEqual(expected);
        for (const [index, span] of all.slice(1).entries())
          expect(span.startTime).toBeGreaterThanOrEqual(all[index]?.endTime ?? Infinity);
        expect(lastIntent(test.store.read, camera)?.reason).toBe(all.at(-1)?.reason);
      }),
      { numRuns: 30 },
    );
  });

  it('is looked up by its key, not by a scan', () => {
    const plan = test.sql(
      `EXPLAIN QUERY PLAN SELECT * FROM recording_intents WHERE incarnation = 1 AND start_time < 9
         AND start_time >= coalesce((SELECT max(start_time) FROM recording_intents
           WHERE incarnation = 1 AND start_time <= 5), 5)`,
    ) as { detail: string }[];
    expect(plan.map(({ detail }) => detail).join('\n')).not.toContain('SCAN recording_intents');
  });

  it('is forgotten more than a year after it ended', async () => {
    const longAgo = -500 * 24 * 3_600_000;
    await change('event', longAgo);
    await change(null, longAgo + 1000);
    await change('event', 0);
    expect(spans(longAgo, 1)).toEqual([[0, null, 'event']]);
  });
});
