/** Until when do triggers have cameras recorded? Counted on the monotonic clock, kept in the store over restarts. */
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import { listTriggers } from '../store/trigger-queries.ts';

export interface TriggerWindow {
  /** When the first trigger of this recording fired, ms since the epoch. */
  readonly firedAt: number;
  /** Its end, as it is told. */
  readonly until: number;
  /** The same two on the monotonic clock, which decide: wall clocks are set. */
  readonly firedAtMonotonic: number;
  readonly endsAtMonotonic: number;
}

export interface TriggerWindows {
  /** The window that is open now, or null. */
  open(incarnation: number): TriggerWindow | null;
  /** The last one, open or not, as long as it is remembered. */
  last(incarnation: number): TriggerWindow | null;
  /** Opens a window or moves the end of the one that is open, never to an earlier time. `firedAt`: ms since the epoch. */
  fire(
    incarnation: number,
    firedAt: number,
    endsInMs: number,
    audit?: (until: number) => NewAudit,
  ): Promise<TriggerWindow>;
  forget(incarnation: number): void;
}

/** The longest post-roll, and so the farthest that the end of a window can be away. */
export const longestPostRollMs = 3600_000;

/** Takes up the windows that were open when the kernel ended. */
export function createTriggerWindows(options: {
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
}): TriggerWindows {
  const { store, clock } = options;
  const windows = new Map(
    listTriggers(store.read).map(({ incarnation, firedAt, until }) => [
      incarnation,
      windowOf(clock, firedAt, Math.min(until - clock.now(), longestPostRollMs)),
    ]),
  );
  const open = (incarnation: number) => {
    const window = windows.get(incarnation);
    return window !== undefined && window.endsAtMonotonic > clock.monotonic() ? window : null;
  };
  return {
    open,
    last: (incarnation) => windows.get(incarnation) ?? null,
    async fire(incarnation, firedAt, endsInMs, audit) {
      const fired = windowOf(clock, firedAt, endsInMs);
      const before = open(incarnation);
      const longer = before !== null && before.endsAtMonotonic > fired.endsAtMonotonic ? before : fired;
      const window =
        before === null
          ? fired
          : {
              ...before,
              endsAtMonotonic: longer.endsAtMonotonic,
              until: Math.round(clock.now() + longer.endsAtMonotonic - clock.monotonic()),
            };
      windows.set(incarnation, window);
      const { until } = window;
      await store.write('triggers.set', { incarnation, firedAt: window.firedAt, until }, audit?.(until));
      return window;
    },
    forget: (incarnation) => void windows.delete(incarnation),
  };
}

function windowOf(clock: Clock, firedAt: number, endsInMs: number): TriggerWindow {
  const now = clock.now();
  const monotonic = clock.monotonic();
  return {
    firedAt,
    until: now + endsInMs,
    firedAtMonotonic: monotonic - Math.max(0, now - firedAt),
    endsAtMonotonic: monotonic + endsInMs,
  };
}
