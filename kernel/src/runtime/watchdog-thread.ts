/** The watchdog's own thread: it goes on when the event loop does not. */
import { parentPort, workerData } from 'node:worker_threads';
import { writeBlockedReport } from './watchdog.ts';

const { cells, reportFile, limitMs } = workerData as {
  cells: Int32Array;
  reportFile: string;
  limitMs: number;
};
const labels = new Map<number, string>();
let lastBeat = -1;
let stalledSince = performance.now();

parentPort?.on('message', ({ label, number }: { label: string; number: number }) =>
  labels.set(number, label),
);

setInterval(() => {
  const beat = Atomics.load(cells, 0);
  if (beat !== lastBeat) {
    lastBeat = beat;
    stalledSince = performance.now();
    return;
  }
  const blockedMs = Math.round(performance.now() - stalledSince);
  if (blockedMs < limitMs) return;
  const label = labels.get(Atomics.load(cells, 1)) ?? null;
  writeBlockedReport(reportFile, { label, blockedMs, at: Date.now() });
  process.stderr.write(
    `heldar: ${label ?? 'the kernel'} has blocked the event loop for ${blockedMs} ms; ending the process so that it can restart without it\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}, 250);
