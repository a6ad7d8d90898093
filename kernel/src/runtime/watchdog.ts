/** Which plugin is blocking the event loop? A thread of its own watches, names it, and ends the process so that a restart can go on without it. */
import { writeFileSync } from 'node:fs';
import { Worker } from 'node:worker_threads';

/** Marks that a plugin's code is running; answers how to unmark it. Calls nest. */
export interface Watch {
  enter(label: string): () => void;
}

export interface Watchdog extends Watch {
  stop(): Promise<void>;
}

/** What the watchdog leaves behind before it ends the process. */
export interface BlockedReport {
  /** `plugin.consumer`, `plugin route GET /…`, or null when no plugin's code was running. */
  readonly label: string | null;
  readonly blockedMs: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** Shared layout: [0] beats of the event loop, [1] number of the label that runs, 0 for none. */
const beats = 0;
const running = 1;

export function startWatchdog(options: { reportFile: string; limitMs: number; beatMs?: number }): Watchdog {
  const cells = new Int32Array(new SharedArrayBuffer(8));
  const labels = new Map<string, number>();
  const worker = new Worker(
    new URL(`./watchdog-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
    {
      name: 'heldar-watchdog',
      workerData: { cells, reportFile: options.reportFile, limitMs: options.limitMs },
    },
  );
  worker.unref();
  const timer = setInterval(() => Atomics.add(cells, beats, 1), options.beatMs ?? 100);
  timer.unref();
  return {
    enter(label) {
      let number = labels.get(label);
      if (number === undefined) {
        labels.set(label, (number = labels.size + 1));
        worker.postMessage({ label, number });
      }
      const before = cells[running] ?? 0;
      cells[running] = number;
      return () => {
        cells[running] = before;
      };
    },
    async stop() {
      clearInterval(timer);
      await worker.terminate();
    },
  };
}

/** Watches nothing: for embedders that bring their own, and for tests. */
export const noWatch: Watch = { enter: () => () => {} };

/** Written with a sync write: the process is about to end. */
export function writeBlockedReport(file: string, report: BlockedReport): void {
  writeFileSync(file, JSON.stringify(report));
}
