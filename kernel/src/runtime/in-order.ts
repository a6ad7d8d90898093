/** How does work on the same thing happen one after another, and on different things side by side? */

export interface InOrder {
  /** Resolves when the work is done, or has failed; never rejects. */
  run(name: string, work: () => Promise<void>): Promise<void>;
  /** Resolves when all that was asked for before is done. */
  settled(): Promise<void>;
}

/** `onError` hears of work that failed; what comes after it goes on. */
export function createInOrder(onError: (name: string, error: unknown) => void): InOrder {
  const chains = new Map<string, Promise<void>>();
  return {
    run(name, work) {
      const done = (chains.get(name) ?? Promise.resolve())
        .then(work)
        .catch((error: unknown) => onError(name, error));
      chains.set(name, done);
      void done.then(() => chains.get(name) === done && chains.delete(name));
      return done;
    },
    async settled() {
      await Promise.all(chains.values());
    },
  };
}
