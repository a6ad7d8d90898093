/** How late does the event loop come? */
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoopDelay } from './runtime-families.ts';

export interface LoopDelayMonitor {
  /** Since the last call, in seconds; null when nothing was measured. */
  read(): LoopDelay | null;
  stop(): void;
}

/** Each tick wakes the process: at 10 ms that is half of what a kernel at rest costs. */
const resolutionMs = 25;

export function monitorLoopDelay(): LoopDelayMonitor {
  const histogram = monitorEventLoopDelay({ resolution: resolutionMs });
  histogram.enable();
  // The histogram holds the time between two ticks, not what exceeds the resolution.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e9 - resolutionMs / 1000);
  return {
    read() {
      if (histogram.count === 0) return null;
      const delay = {
        mean: late(histogram.mean),
        p99: late(histogram.percentile(99)),
        max: late(histogram.max),
      };
      histogram.reset();
      return delay;
    },
    stop: () => void histogram.disable(),
  };
}
