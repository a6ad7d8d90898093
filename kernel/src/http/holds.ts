/** Which requests wait while a plugin's tables change, and when is the last one out of its handlers? */
import { HeldarError } from '../errors.ts';
import { withDeadline } from '../runtime/deadline.ts';

/** How many requests are in the handlers of one mounting. */
export interface Usage {
  enter(): void;
  leave(): void;
  /** Resolves when there is none. */
  idle(): Promise<void>;
}

export function createUsage(): Usage {
  let count = 0;
  let waiting: (() => void)[] = [];
  return {
    enter() {
      count += 1;
    },
    leave() {
      count -= 1;
      if (count > 0) return;
      const callbacks = waiting;
      waiting = [];
      for (const callback of callbacks) callback();
    },
    idle: () => (count === 0 ? Promise.resolve() : new Promise((resolve) => waiting.push(resolve))),
  };
}

export interface Holds {
  hold(owner: string): { release(): void };
  /**
   * Resolves when the owner's hold is released; undefined when there is none.
   * @throws (rejects) HeldarError `unavailable` when that takes too long.
   */
  of(owner: string): Promise<void> | undefined;
}

export function createHolds(limitMs: number): Holds {
  const held = new Map<string, Promise<void>>();
  return {
    hold(owner) {
      let open = () => {};
      const released = new Promise<void>((resolve) => (open = resolve));
      held.set(owner, released);
      return {
        release() {
          if (held.get(owner) === released) held.delete(owner);
          open();
        },
      };
    },
    of(owner) {
      const released = held.get(owner);
      if (released === undefined) return undefined;
      return withDeadline(released, limitMs, '').catch(() => {
        throw new HeldarError('unavailable', `${owner} is being changed; try again`, {
          details: { retryAfterS: 5 },
        });
      });
    },
  };
}
