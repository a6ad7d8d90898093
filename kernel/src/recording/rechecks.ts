/** When is it looked again what is wanted of a camera? */
import type { Clock } from '../clock.ts';

export interface Rechecks {
  /** Looks again at `until` (ms since the epoch), or when it is time anyway; null: not before something changes. Replaces what was set before. */
  set(cameraId: string, until: number | null): void;
  cancelAll(): void;
}

/** `longestMs`: the clock may be set meanwhile, so that `until` comes earlier or later than thought. */
export function createRechecks(options: {
  clock: Clock;
  longestMs: number;
  look: (cameraId: string) => void;
}): Rechecks {
  const { clock, longestMs, look } = options;
  const timers = new Map<string, () => void>();
  return {
    set(cameraId, until) {
      timers.get(cameraId)?.();
      timers.delete(cameraId);
      if (until === null) return;
      const waitMs = Math.min(Math.max(0, Math.ceil(until - clock.now())), longestMs);
      timers.set(
        cameraId,
        clock.after(waitMs, () => look(cameraId)),
      );
    },
    cancelAll() {
      for (const cancel of timers.values()) cancel();
      timers.clear();
    },
  };
}
