/** The watchdog's own thread: it goes on when the event loop does not. */
import { writeSync } from 'node:fs';
import { parentPort, workerData } from 'node:worker_threads';
import { stackOfMainThread } from './main-thread-stack.ts';
import { ownerAmong, realFolder, showPlace } from './stack-places.ts';
import {
  cell,
  lookEveryMs,
  writeBlockedReport,
  type WatchdogData,
  type WatchdogMessage,
} from './watchdog.ts';

const { cells, reportFile, limitMs } = workerData as WatchdogData;
const labels = new Map<number, string>();
/** Folder → plugin. */
const owners = new Map<string, string>();
const everyMs = lookEveryMs(limitMs);
const stackWithinMs = 1000;

let lastBeat = Atomics.load(cells, cell.beats);
let lastLook = performance.now();
let blockedMs = 0;
let isEnding = false;

parentPort?.on('message', (message: WatchdogMessage) => {
  if ('label' in message) labels.set(message.number, message.label);
  else owners.set(realFolder(message.folder), message.plugin);
});

setInterval(() => {
  const now = performance.now();
  // A look that comes late was held up with everything else: the machine slept, or the process was stopped. That is no plugin's doing.
  blockedMs += Math.min(now - lastLook, 2 * everyMs);
  lastLook = now;
  const beat = Atomics.load(cells, cell.beats);
  const mayBlock = Atomics.load(cells, cell.debugged) === 1 || Atomics.load(cells, cell.allowed) > 0;
  if (beat !== lastBeat || mayBlock) {
    lastBeat = beat;
    blockedMs = 0;
  }
  if (blockedMs < limitMs || isEnding) return;
  isEnding = true;
  void end(Math.round(blockedMs), labels.get(Atomics.load(cells, cell.running)) ?? null);
}, everyMs);

async function end(ms: number, marked: string | null): Promise<void> {
  const stack = await stackOfMainThread(stackWithinMs);
  const found = ownerAmong(stack, owners);
  const markedPlugin = marked === null ? null : (/^[a-z0-9-]+/.exec(marked)?.[0] ?? null);
  const plugin = found?.owner ?? markedPlugin;
  const label = plugin === markedPlugin ? marked : plugin;
  const place = found === null ? null : showPlace(found.place);
  writeBlockedReport(reportFile, { plugin, label, place, blockedMs: ms, at: Date.now() });
  const at = place === null ? '' : ` at ${place}`;
  say(
    label === null
      ? `✖ the event loop has been blocked for ${ms} ms, by no plugin that is known; the process ends now\n`
      : `✖ ${label} has blocked the event loop for ${ms} ms${at}; the process ends now, and starts again without the plugin\n`,
  );
  process.kill(process.pid, 'SIGKILL');
}

/** Straight to the file: a worker's `process.stderr` goes through the thread that is blocked. */
function say(text: string): void {
  try {
    writeSync(2, text);
  } catch {
    // Nobody reads it, or a full pipe; the report has it.
  }
}
