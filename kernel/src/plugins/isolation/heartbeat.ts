/** Is an isolate still alive, and within its memory? Judged from its beats, on real time, by counting beats that did not come. */
import type { Beat } from './protocol.ts';

export const beatMs = 100;
/** Looks without a beat until the isolate counts as blocked: with the look it takes to notice, well under a second. */
export const missedLimit = 7;
const mebibyte = 1024 * 1024;
/** What a process may hold besides the plugin's memory: as much as it held when it was set up, and at least so much; while it starts, so much. Bytes. */
const startBytes = { least: 128 * mebibyte, starting: 512 * mebibyte };

export interface Pulse {
  beat(beat: Beat): void;
  /** The plugin is set up: from now on silence means something, and what its process holds is what it takes to be there. */
  start(): void;
  /** Bytes it was last seen to use. */
  readonly memoryBytes: number;
  stop(): void;
}

export function watchPulse(options: {
  memoryMb: number;
  /** Of its process; null where it shares the kernel's. */
  readResident(): number | null;
  onTrouble(reason: string): void;
  now?: () => number;
}): Pulse {
  const { memoryMb, readResident, now = () => performance.now() } = options;
  let missed = 0;
  let isWatching = false;
  let memoryBytes = 0;
  let ownBytes = startBytes.starting;
  let lookedAt = now();
  const look = () => {
    const at = now();
    // The kernel stood still itself: beats may lie unread.
    const kernelLate = at - lookedAt > 2.5 * beatMs;
    lookedAt = at;
    missed = kernelLate ? 0 : missed + 1;
    if (isWatching && missed > missedLimit)
      return options.onTrouble(`it held its own event loop for more than ${missedLimit * beatMs} ms`);
    const resident = readResident();
    if (resident !== null) memoryBytes = resident;
    const limit = memoryMb * mebibyte + (resident === null ? 0 : ownBytes);
    if (memoryBytes > limit)
      options.onTrouble(
        `it used ${Math.round(memoryBytes / mebibyte)} MiB, of at most ${Math.round(limit / mebibyte)} MiB`,
      );
  };
  const timer = setInterval(look, beatMs);
  timer.unref();
  return {
    beat(beat) {
      missed = 0;
      if (readResident() === null) memoryBytes = beat.memoryBytes;
    },
    start() {
      missed = 0;
      isWatching = true;
      ownBytes = Math.max(startBytes.least, readResident() ?? 0);
    },
    get memoryBytes() {
      return memoryBytes;
    },
    stop: () => clearInterval(timer),
  };
}
