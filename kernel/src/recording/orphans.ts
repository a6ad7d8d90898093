/** Which media processes did a kernel that crashed leave behind, and how are they ended? */
import { readdir, readFile } from 'node:fs/promises';
import { delay, systemClock } from '../clock.ts';
import { markerVariable } from '../media/ffmpeg.ts';

export interface Orphans {
  /** Process ids that were ended. */
  readonly ended: readonly number[];
}

/**
 * Ends every process that carries the marker in its environment: only one kernel holds the data folder, so none of them is its own as long
 * as it has started none. Processes keep real time. Linux only; elsewhere it finds none.
 */
export async function endOrphans(marker: string): Promise<Orphans> {
  const found = await findMarked(marker);
  for (const [signal, waitMs] of [
    ['SIGINT', 1000],
    ['SIGINT', 2000],
    ['SIGKILL', 2000],
  ] as const) {
    const alive = await stillMarked(found, marker);
    if (alive.length === 0) break;
    for (const pid of alive) send(pid, signal);
    await goneWithin(found, marker, waitMs);
  }
  return { ended: found };
}

async function findMarked(marker: string): Promise<number[]> {
  let names: string[];
  try {
    names = await readdir('/proc');
  } catch {
    return [];
  }
  const pids = names.filter((name) => /^\d+$/.test(name)).map(Number);
  return await stillMarked(pids, marker);
}

async function stillMarked(pids: readonly number[], marker: string): Promise<number[]> {
  const marked = await Promise.all(pids.map((pid) => isMarked(pid, marker)));
  return pids.filter((_, index) => marked[index]);
}

/** Processes of other users can't be read, and aren't ours. A process that has ended has no environment. */
async function isMarked(pid: number, marker: string): Promise<boolean> {
  try {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8');
    return environment.split('\0').includes(`${markerVariable}=${marker}`);
  } catch {
    return false;
  }
}

async function goneWithin(pids: readonly number[], marker: string, ms: number): Promise<void> {
  const until = systemClock.monotonic() + ms;
  while (systemClock.monotonic() < until && (await stillMarked(pids, marker)).length > 0)
    await delay(systemClock, 50);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error;
  }
}
