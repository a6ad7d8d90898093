import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createRecordingClock } from './recording-clock.ts';

const hour = 3_600_000;

/** A clock whose two hands a test moves apart. */
function twoHands(wall = 1_000 * hour) {
  let now = wall;
  let monotonic = 0;
  return {
    clock: { now: () => now, monotonic: () => monotonic, after: () => () => {} },
    pass(ms: number) {
      now += ms;
      monotonic += ms;
    },
    set(byMs: number) {
      now += byMs;
    },
  };
}

const free = () => null;

describe('createRecordingClock', () => {
  it('goes with the wall clock while nobody sets it', () => {
    const { clock, pass } = twoHands();
    const line = createRecordingClock(clock, free);
    pass(hour);
    expect(line.now()).toBe(clock.now());
    expect(line.jumps()).toEqual([]);
  });

  it('follows a step forward at once, and says that this time did not pass', () => {
    const { clock, pass, set } = twoHands();
    const line = createRecordingClock(clock, free);
    pass(1000);
    const before = line.now();
    set(hour);
    expect(line.now()).toBe(clock.now());
    expect(line.jumps()).toEqual([{ start: before, end: before + hour }]);
  });

  it('follows a step backwards to where nothing is recorded', () => {
    const { clock, pass, set } = twoHands();
    const line = createRecordingClock(clock, free);
    set(-hour);
    pass(60_000);
    expect(line.now()).toBe(clock.now());
  });

  it('goes on in time when it is set back into footage, and comes back slowly', () => {
    const { clock, pass, set } = twoHands();
    let recorded = clock.now();
    const line = createRecordingClock(clock, (time) => (time < recorded ? recorded : null));
    set(-hour);
    for (let minute = 0; minute < 100; minute += 1) {
      pass(60_000);
      const next = line.now();
      expect(next - recorded).toBeGreaterThan(59_900);
      expect(next - recorded).toBeLessThan(60_001);
      recorded = next;
    }
  });

  it('begins behind footage that lies at its time, and passes over what it comes to', () => {
    const { clock, pass } = twoHands();
    const from = clock.now();
    const blocks = [
      [from - 1000, from + 5000],
      [from + 60_000, from + 90_000],
    ] as const;
    const line = createRecordingClock(
      clock,
      (time) => blocks.find(([start, end]) => time >= start && time < end)?.[1] ?? null,
    );
    expect(line.now()).toBe(from + 5000);
    pass(57_000);
    expect(line.now()).toBe(from + 57_000);
    pass(4000);
    expect(line.now()).toBe(from + 90_000);
  });

  it('is never within footage, whatever is done', () => {
    const step = fc.tuple(fc.nat(120_000), fc.integer({ min: -2 * hour, max: 2 * hour }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { clock, pass, set } = twoHands();
        const taken: [number, number][] = [];
        const line = createRecordingClock(clock, (time) => {
          let until: number | null = null;
          for (const [start, end] of taken.toSorted((a, b) => a[0] - b[0]))
            if (start <= (until ?? time) && end > (until ?? time)) until = end;
          return until;
        });
        for (const [ms, byMs] of steps) {
          pass(ms);
          set(byMs);
          const now = line.now();
          expect(taken.some(([start, end]) => now >= start && now < end)).toBe(false);
          taken.push([now - ms, now]);
        }
      }),
    );
  });
});
