/** A clock that stands still until a test moves it. */
import type { Clock } from '../clock.ts';

export interface FakeClock extends Clock {
  /** Moves on by `ms`, running what falls due on the way in order; `settle` (default: a turn of the event loop) is awaited after each. */
  advance(ms: number, settle?: () => Promise<void>): Promise<void>;
  /** When the next timer is due, as `now`; null: there is none. */
  nextDue(): number | null;
}

interface Timer {
  readonly at: number;
  readonly run: () => void;
}

/** `start`: ms since the epoch. */
export function createFakeClock(start = Date.UTC(2026, 0, 1)): FakeClock {
  let now = start;
  const timers = new Set<Timer>();
  const nextDue = (limit: number) => {
    let found: Timer | undefined;
    for (const timer of timers)
      if (timer.at <= limit && (found === undefined || timer.at < found.at)) found = timer;
    return found;
  };
  return {
    now: () => now,
    monotonic: () => now - start,
    after(ms, run) {
      const timer = { at: now + Math.max(0, ms), run };
      timers.add(timer);
      return () => void timers.delete(timer);
    },
    nextDue: () => nextDue(Number.POSITIVE_INFINITY)?.at ?? null,
    async advance(ms, settle = turn) {
      const limit = now + ms;
      for (let timer = nextDue(limit); timer !== undefined; timer = nextDue(limit)) {
        timers.delete(timer);
        now = Math.max(now, timer.at);
        timer.run();
        await settle();
      }
      now = limit;
    },
  };
}

function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
