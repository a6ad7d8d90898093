/** Whose turn is it? One holder at a time, in the order in which they asked. */

export interface Turns {
  /** Answers how to give the turn back. Rejects with the signal's reason when it is aborted while waiting. */
  take(signal?: AbortSignal): Promise<() => void>;
}

export function createTurns(): Turns {
  let last: Promise<void> = Promise.resolve();
  return {
    async take(signal) {
      const before = last;
      const mine = Promise.withResolvers<void>();
      last = mine.promise;
      await before;
      if (signal?.aborted === true) {
        mine.resolve();
        throw signal.reason as Error;
      }
      return () => mine.resolve();
    },
  };
}
