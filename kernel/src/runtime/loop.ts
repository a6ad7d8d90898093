/** Work that repeats: one run at a time, an error logged and the next run on time. */
import type { Clock } from '../clock.ts';

export interface Loop {
  stop(): Promise<void>;
}

/** The first run comes at once, the next `everyMs` after the end of the one before. */
export function startLoop(options: {
  clock: Clock;
  everyMs: number;
  run(signal: AbortSignal): void | Promise<void>;
  onError(error: unknown): void;
}): Loop {
  const abort = new AbortController();
  const { signal } = abort;
  let cancel: (() => void) | null = null;
  let running: Promise<void>;
  const once = async () => {
    try {
      await options.run(signal);
    } catch (error) {
      if (!signal.aborted) options.onError(error);
    }
    if (!signal.aborted) cancel = options.clock.after(options.everyMs, () => void (running = once()));
  };
  running = once();
  return {
    async stop() {
      abort.abort(new Error('stopping'));
      cancel?.();
      await running;
    },
  };
}
