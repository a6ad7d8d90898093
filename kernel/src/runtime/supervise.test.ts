import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { systemClock, type Clock } from '../clock.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { retryDelayMs, supervise, type AttemptEnd } from './supervise.ts';

/** Fires every timer at once and notes what was asked for. */
function impatientClock(): Clock & { waits: number[] } {
  const waits: number[] = [];
  return {
    ...systemClock,
    waits,
    after(ms, run) {
      waits.push(ms);
      const timer = setImmediate(run);
      return () => clearImmediate(timer);
    },
  };
}

function attempts(ends: readonly AttemptEnd[]): () => Promise<AttemptEnd> {
  const rest = [...ends];
  return () => Promise.resolve(rest.shift() ?? { next: 'done', healthy: false });
}

describe('retryDelayMs', () => {
  it('is never longer than a second while the other side answers', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.double({ min: 0, max: 1, noNaN: true }), (failures, random) => {
        const ms = retryDelayMs('answers', failures, random);
        expect(ms).toBeGreaterThan(0);
        expect(ms).toBeLessThanOrEqual(1000);
      }),
    );
  });

  it('stays between half and all of the doubling delay, and never exceeds 30 s', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 1000 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (failures, random) => {
          const full = Math.min(30_000, 1000 * 2 ** (failures - 1));
          const ms = retryDelayMs('silent', failures, random);
          expect(ms).toBeGreaterThanOrEqual(full / 2);
          expect(ms).toBeLessThanOrEqual(full);
        },
      ),
    );
  });
});

describe('supervise', () => {
  it('doubles the wait while the other side is silent and starts over after a healthy run', async () => {
    const clock = impatientClock();
    const silent: AttemptEnd = { next: 'silent', healthy: false };
    await supervise({
      attempt: attempts([silent, silent, silent, { next: 'silent', healthy: true }, silent]),
      clock,
      random: () => 1,
      signal: new AbortController().signal,
    });
    expect(clock.waits).toEqual([1000, 2000, 4000, 250, 1000]);
  });

  it('waits no longer than until the other side is back', async () => {
    const clock = createFakeClock();
    const startedAt: number[] = [];
    let isBack = false;
    const running = supervise({
      attempt() {
        startedAt.push(clock.monotonic());
        const next = startedAt.length < 5 ? 'silent' : 'done';
        return Promise.resolve({ next, healthy: false, isBack: () => Promise.resolve(isBack) });
      },
      clock,
      random: () => 1,
      signal: new AbortController().signal,
    });
    await new Promise((resolve) => setImmediate(resolve));
    await clock.advance(7500);
    expect(startedAt).toEqual([0, 1000, 3000, 7000]);
    isBack = true;
    // Of a wait of 8 s.
    await clock.advance(1000);
    expect(startedAt).toEqual([0, 1000, 3000, 7000, 8000]);
    await running;
  });

  it('ends at once when it is stopped while waiting', async () => {
    const stop = new AbortController();
    let tries = 0;
    const running = supervise({
      attempt: () => {
        tries += 1;
        setImmediate(() => stop.abort());
        return Promise.resolve({ next: 60_000, healthy: false });
      },
      clock: systemClock,
      random: () => 1,
      signal: stop.signal,
    });
    await running;
    expect(tries).toBe(1);
  });

  it('rejects when the attempt itself is faulty', async () => {
    const running = supervise({
      attempt: () => Promise.reject(new Error('a bug')),
      clock: systemClock,
      random: () => 1,
      signal: new AbortController().signal,
    });
    await expect(running).rejects.toThrow('a bug');
  });
});
