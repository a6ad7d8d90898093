/** How late does the event loop come? */
import { createHistogram } from 'node:perf_hooks';
import { systemClock, untilNext } from '../clock.ts';
import type { LoopDelay } from './runtime-families.ts';

export interface LoopDelayMonitor {
  /** Since the last call, in seconds; null when nothing was measured. */
  read(): LoopDelay | null;
  stop(): void;
}

/** Each look wakes the process. Fewer of them make no figure larger or smaller, and a scrape every 15 s still has 30. */
const everyMs = 500;

/** A timer that comes when others do: Node's own monitor, at a moment of its own, would wake the process as often again. */
export function monitorLoopDelay(): LoopDelayMonitor {
  const histogram = createHistogram();
  let timer: NodeJS.Timeout;
  const look = (dueAt: number) => {
    const lateMs = performance.now() - dueAt;
    histogram.record(Math.max(1, Math.round(lateMs * 1e6)));
    expect();
  };
  const expect = () => {
    const inMs = untilNext(systemClock, everyMs);
    timer = setTimeout(look, inMs, performance.now() + inMs).unref();
  };
  expect();
  return {
    read() {
      if (histogram.count === 0) return null;
      const delay = {
        mean: histogram.mean / 1e9,
        p99: histogram.percentile(99) / 1e9,
        max: histogram.max / 1e9,
      };
      histogram.reset();
      return delay;
    },
    stop: () => clearTimeout(timer),
  };
}
