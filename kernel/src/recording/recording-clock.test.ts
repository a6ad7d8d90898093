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

describe('createRecordingClock', () => {
  it('goes with the wall clock while nobody sets it', () => {
    const { clock, pass } = twoHands();
    const line = createRecordingClock(clock, null);
    pass(hour);
    expect(line.now()).toBe(clock.now());
    expect(line.jumps()).toEqual([]);
  });

  it('follows a step forward at once, and says that this time did not pass', () => {
    const { clock, pass, set } = twoHands();
    const line = createRecordingClock(clock, null);
    pass(1000);
    const before = line.now();
    set(hour);
    expect(line.now()).toBe(clock.now());
    expect(line.jumps()).toEqual([{ start: before, end: before + hour }]);
  });

  it('does not follow a step backwards, but comes back slowly', () => {
    const { clock, pass, set } = twoHands();
    const line = createRecordingClock(clock, null);
    const before = line.now();
    set(-hour);
    pass(60_000);
    const next = line.now();
    expect(next - before).toBeGreaterThan(59_900);
    expect(next - before).toBeLessThan(60_000);
    for (let minute = 0; minute < 60 * 1001; minute += 1) {
      pass(60_000);
      line.now();
    }
    expect(line.now() - clock.now()).toBeLessThan(100);
  });

  it('begins behind what is recorded already, unless that is far ahead of any clock', () => {
    const { clock } = twoHands();
    expect(createRecordingClock(clock, clock.now() + hour).now()).toBe(clock.now() + hour);
    expect(createRecordingClock(clock, clock.now() + 24 * hour).now()).toBe(clock.now());
    expect(createRecordingClock(clock, clock.now() - hour).now()).toBe(clock.now());
  });

  it('never runs backwards, whatever is done', () => {
    const step = fc.tuple(fc.nat(120_000), fc.integer({ min: -2 * hour, max: 2 * hour }));
    fc.assert(
      fc.property(fc.array(step, { maxLength: 50 }), (steps) => {
        const { clock, pass, set } = twoHands();
        const line = createRecordingClock(clock, null);
        let last = line.now();
        for (const [ms, byMs] of steps) {
          pass(ms);
          set(byMs);
          const now = line.now();
          expect(now - last).toBeGreaterThanOrEqual(ms * 0.998);
          last = now;
        }
      }),
    );
  });
});
