/** Whose turn is it? One holder at a time, in the order in which they asked, for as long as turns are kept. */
import type { Clock } from '../../clock.ts';

export interface Turns {
  /**
   * Answers how to give the turn back: once all before have given theirs back, or turns are kept no longer. Rejects with the signal's
   * reason as soon as it is aborted.
   */
  take(signal?: AbortSignal): Promise<() => void>;
}

/** `keptUntil`: by the clock's `monotonic`; it may move on while somebody waits. */
export function createTurns(clock: Pick<Clock, 'monotonic' | 'after'>, keptUntil: () => number): Turns {
  let last: Promise<void> = Promise.resolve();

  const wait = (before: Promise<void>, signal: AbortSignal | undefined) =>
    new Promise<void>((resolve, reject) => {
      if (signal?.aborted === true) return reject(signal.reason as Error);
      let cancel = () => {};
      const go = () => {
        cancel();
        signal?.removeEventListener('abort', abort);
        resolve();
      };
      const abort = () => {
        cancel();
        reject(signal?.reason as Error);
      };
      const look = () => {
        const leftMs = keptUntil() - clock.monotonic();
        if (leftMs > 0) cancel = clock.after(leftMs, look);
        else go();
      };
      signal?.addEventListener('abort', abort, { once: true });
      look();
      void before.then(go);
    });

  return {
    async take(signal) {
      const before = last;
      const mine = Promise.withResolvers<void>();
      last = mine.promise;
      // Whoever comes later waits for all before, also for those that this one did not wait for.
      const giveBack = () => void before.then(mine.resolve);
      try {
        await wait(before, signal);
        return giveBack;
      } catch (error) {
        giveBack();
        throw error;
      }
    },
  };
}
