/** What time is it for a worker, and how does it wait so that an abort ends every wait? */

/** The kernel's clock has the same shape. */
export interface WorkerClock {
  /** Wall clock, ms since the epoch. */
  now(): number;
  /** Monotonic, ms; for durations. */
  monotonic(): number;
  /** Calls back once after `ms`; answers how to cancel. */
  after(ms: number, run: () => void): () => void;
}

export const systemClock: WorkerClock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
};

/** Resolves after `ms`; rejects with the signal's reason as soon as that is aborted. */
export function delay(clock: WorkerClock, ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) return reject(signal.reason);
    const abort = () => {
      cancel();
      reject(signal.reason);
    };
    const cancel = clock.after(ms, () => {
      signal.removeEventListener('abort', abort);
      resolve();
    });
    signal.addEventListener('abort', abort, { once: true });
  });
}

/** Whether `work` settled within `ms` and before an abort; what it settled with stays with the caller's promise. */
export function settlesWithin(
  clock: WorkerClock,
  work: Promise<unknown>,
  ms: number,
  signal?: AbortSignal,
): Promise<boolean> {
  return new Promise((resolve) => {
    const end = (settled: boolean) => {
      cancel();
      signal?.removeEventListener('abort', abort);
      resolve(settled);
    };
    const abort = () => end(false);
    const settle = () => end(true);
    const cancel = clock.after(ms, abort);
    work.then(settle, settle);
    if (signal?.aborted) return abort();
    signal?.addEventListener('abort', abort, { once: true });
  });
}
