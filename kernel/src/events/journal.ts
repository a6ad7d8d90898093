/** Who wants to know that the journal grew. */

export interface Journal {
  /** Highest sequence known to be durable since the start; 0 before the first. */
  readonly head: number;
  advance(head: number): void;
  /** Calls back after each growth; answers how to end that. */
  onAdvance(listener: (head: number) => void): () => void;
}

export function createJournal(): Journal {
  let head = 0;
  const listeners = new Set<(head: number) => void>();
  return {
    get head() {
      return head;
    },
    advance(to) {
      head = Math.max(head, to);
      for (const listener of listeners) listener(head);
    },
    onAdvance(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}
