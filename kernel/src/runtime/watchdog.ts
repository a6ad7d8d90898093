/** Which plugin is blocking the event loop? A thread of its own watches, names it, and ends the process so that a restart can go on without it. */
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { url as debuggerUrl } from 'node:inspector';
import { Worker } from 'node:worker_threads';
import { systemClock, untilNext } from '../clock.ts';

/** Tells the watchdog whose code runs. */
export interface Watch {
  /** Marks that a plugin's code is running; answers how to unmark it. Calls nest, so unmark before the next `await`. */
  enter(label: string): () => void;
  /** An asynchronous call of a plugin has ended, this many ms after it began. */
  took(label: string, ms: number): void;
  /** Runs work of the kernel that may block for as long as it takes: a migration. */
  allow<Result>(run: () => Result): Result;
  /** What lies in this folder is that plugin's code: the stack of a blocked event loop then names it, also where no mark is set. */
  claim(plugin: string, folder: string): void;
}

export interface Watchdog extends Watch {
  stop(): Promise<void>;
}

/** What the watchdog leaves behind before it ends the process. */
export interface BlockedReport {
  /** null when no plugin's code was running. */
  readonly plugin: string | null;
  /** `plugin.consumer`, `plugin setup`, `plugin GET /…`; null when no plugin's code was running. */
  readonly label: string | null;
  /** `file:line:column` of the innermost code of the plugin; null where the stack could not be had. */
  readonly place: string | null;
  readonly blockedMs: number;
  /** ms since the epoch. */
  readonly at: number;
}

/** Cells shared with the thread: beats of the event loop, the number of the label that runs (0: none), whether a debugger may hold it, whether it may block. */
export const cell = { beats: 0, running: 1, debugged: 2, allowed: 3 } as const;

export type WatchdogMessage =
  { readonly label: string; readonly number: number } | { readonly plugin: string; readonly folder: string };

export interface WatchdogData {
  readonly cells: Int32Array<SharedArrayBuffer>;
  readonly reportFile: string;
  readonly limitMs: number;
}

/**
 * How often the thread looks whether the loop has beaten since; two beats fall between two looks. Each wakes a kernel at rest, so no more
 * often than the limit needs: a blocked loop is noticed at most a fifth of it late.
 */
export function lookEveryMs(limitMs: number): number {
  return Math.max(20, limitMs / 5);
}

export function startWatchdog(options: { reportFile: string; limitMs: number }): Watchdog {
  const { reportFile, limitMs } = options;
  const cells = new Int32Array(new SharedArrayBuffer(4 * Object.keys(cell).length));
  const labels = new Map<string, number>();
  const worker = new Worker(
    new URL(`./watchdog-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`, import.meta.url),
    { name: 'heldar-watchdog', workerData: { cells, reportFile, limitMs } satisfies WatchdogData },
  );
  worker.unref();
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  const send = (message: WatchdogMessage) => worker.postMessage(message);
  const beat = () => {
    Atomics.store(cells, cell.debugged, debuggerUrl() === undefined ? 0 : 1);
    Atomics.add(cells, cell.beats, 1);
  };
  let timer: NodeJS.Timeout;
  const beatAgain = () => {
    beat();
    timer = setTimeout(beatAgain, untilNext(systemClock, lookEveryMs(limitMs) / 2)).unref();
  };
  beatAgain();
  return {
    enter(label) {
      let number = labels.get(label);
      if (number === undefined) {
        labels.set(label, (number = labels.size + 1));
        send({ label, number });
      }
      const before = cells[cell.running] ?? 0;
      cells[cell.running] = number;
      return () => {
        cells[cell.running] = before;
      };
    },
    allow(run) {
      Atomics.add(cells, cell.allowed, 1);
      try {
        return run();
      } finally {
        beat();
        Atomics.sub(cells, cell.allowed, 1);
      }
    },
    took() {},
    claim: (plugin, folder) => send({ plugin, folder }),
    async stop() {
      clearTimeout(timer);
      await worker.terminate();
    },
  };
}

/** Watches nothing: for embedders that bring their own, and for tests. */
export const noWatch: Watch = { enter: () => () => {}, took() {}, allow: (run) => run(), claim() {} };

/** Written with a sync write: the process is about to end. */
export function writeBlockedReport(file: string, report: BlockedReport): void {
  writeFileSync(file, JSON.stringify(report));
}

/** Reads the report and takes it away. null: there is none, or it was cut off while it was written. */
export function takeBlockedReport(file: string): BlockedReport | null {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
  rmSync(file);
  try {
    return JSON.parse(text) as BlockedReport;
  } catch {
    return null;
  }
}
