/** How does a kernel that was killed lose its timers, while the clock goes on for the next one? */
import type { Clock } from '../clock.ts';

export interface ClockView {
  readonly clock: Clock;
  /** Drops what waits; nothing runs through this view any more. */
  cut(): void;
}

export function viewClock(clock: Clock): ClockView {
  const waiting = new Set<() => void>();
  let isCut = false;
  return {
    clock: {
      now: () => clock.now(),
      monotonic: () => clock.monotonic(),
      after(ms, run) {
        if (isCut) return () => {};
        const cancel = clock.after(ms, () => {
          waiting.delete(drop);
          run();
        });
        const drop = () => {
          waiting.delete(drop);
          cancel();
        };
        waiting.add(drop);
        return drop;
      },
    },
    cut() {
      isCut = true;
      for (const drop of waiting) drop();
    },
  };
}
