/** How many media jobs run at once, how many may wait, and what ends them: their time or the kernel, never the client that asked. */
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';

export interface JobPool {
  /**
   * Runs the work once there is room. It goes on whoever still waits for it, and is aborted when its time is up or the pool ends; the
   * place is given back when it has really ended.
   * @throws HeldarError `busy` when too many wait already, `unavailable` when the time is up or the kernel stops.
   */
  run<Result>(limitMs: number, work: (signal: AbortSignal) => Promise<Result>): Promise<Result>;
  /** A place for as long as the caller wants it, without waiting. @throws HeldarError `busy`. */
  take(): () => void;
  readonly running: number;
  readonly waiting: number;
  /** Takes nothing more, aborts what runs, resolves when all of it has ended. */
  stop(): Promise<void>;
}

/** What a client that is turned away is told to wait, s. */
const retryAfterS = 5;

export function createJobPool(options: {
  /** What its jobs are, in the plural: for messages. */
  name: string;
  concurrency: number;
  queue: number;
  clock: Clock;
  /** What is said when the time of a job is up. */
  overTime?: (limitMs: number) => HeldarError;
}): JobPool {
  const { name, concurrency, queue, clock, overTime = tookTooLong } = options;
  const ending = new AbortController();
  const waiters: { start: () => void; refuse: (error: HeldarError) => void }[] = [];
  const jobs = new Set<Promise<unknown>>();
  let running = 0;

  /** The place goes to who waits longest. */
  const leave = () => {
    const next = waiters.shift();
    if (next === undefined) running -= 1;
    else next.start();
  };
  /** Resolves with a place; undefined: there is one at once. */
  const enter = (): Promise<void> | undefined => {
    if (ending.signal.aborted) throw stopping();
    if (running < concurrency) {
      running += 1;
      return undefined;
    }
    if (waiters.length >= queue) throw full(`${running} run and ${waiters.length} wait`);
    return new Promise<void>((resolve, reject) => waiters.push({ start: resolve, refuse: reject }));
  };

  const perform = async <Result>(
    limitMs: number,
    work: (signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> => {
    const place = enter();
    if (place !== undefined) await place;
    const time = new AbortController();
    const cancel = clock.after(limitMs, () => time.abort(overTime(limitMs)));
    try {
      return await work(AbortSignal.any([time.signal, ending.signal]));
    } finally {
      cancel();
      leave();
    }
  };

  return {
    run(limitMs, work) {
      const job = perform(limitMs, work);
      jobs.add(job);
      const forget = () => void jobs.delete(job);
      job.then(forget, forget);
      return job;
    },
    take() {
      if (ending.signal.aborted) throw stopping();
      if (running >= concurrency) throw full(`${running} run`);
      running += 1;
      let isHeld = true;
      return () => {
        if (isHeld) leave();
        isHeld = false;
      };
    },
    get running() {
      return running;
    },
    get waiting() {
      return waiters.length;
    },
    async stop() {
      ending.abort(stopping());
      for (const { refuse } of waiters.splice(0)) refuse(stopping());
      await Promise.allSettled(jobs);
    },
  };

  function full(state: string): HeldarError {
    const text = `too many ${name} at once: ${state}; try again in ${retryAfterS} s`;
    return new HeldarError('busy', text, { details: { retryAfterS } });
  }

  function stopping(): HeldarError {
    return new HeldarError('unavailable', 'the kernel is stopping');
  }
}

function tookTooLong(limitMs: number): HeldarError {
  const seconds = Math.round(limitMs / 1000);
  return new HeldarError('unavailable', `it took longer than ${seconds} s; ask for less, or try again later`);
}
