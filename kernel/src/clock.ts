/** What time it is: passed in everywhere, so that tests decide. */

export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Monotonic, ms; for durations. */
  monotonic(): number;
  /** Calls back once after `ms`; answers how to cancel. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Timers may come that much early, ms. */
const timerSlackMs = 50;

/**
 * How long until the next whole multiple of `everyMs` on the monotonic clock. What repeats by this wakes the process together with all
 * else that does; on a kernel at rest, or one that only records, waking is most of what it costs.
 */
export function untilNext(clock: Pick<Clock, 'monotonic'>, everyMs: number): number {
  const now = clock.monotonic();
  return (Math.floor((now + Math.min(timerSlackMs, everyMs / 10)) / everyMs) + 1) * everyMs - now;
}

/** Resolves after `ms`, or rejects with the signal's reason when it is aborted first. */
export function delay(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', abort);
      resolve();
    });
    const abort = () => {
      cancel();
      reject(signal?.reason);
    };
    signal?.addEventListener('abort', abort, { once: true });
  });
}
