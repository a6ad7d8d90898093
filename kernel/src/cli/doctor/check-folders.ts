/** Are the folders there, writable and with room, and is a kernel using them? */
import { constants, existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { readDisk } from '../../observe/disk.ts';
import { namedRoots } from '../../recording/root-settings.ts';
import { isDataFolderHeld } from '../../store/lock.ts';
import type { Finding } from './checks.ts';

const gib = 2 ** 30;
/** Below it nothing can be relied on, whatever retention is told to leave free, GiB. */
const leastFreeGib = 1;

export async function* checkFolders({ settings }: ResolvedConfig): AsyncGenerator<Finding> {
  const { dataDir, recordingsDir, snapshotsDir } = settings;
  const roots = namedRoots(settings.recorder.roots);
  for (const [what, folder] of [
    ['data folder', dataDir],
    ['recordings folder', recordingsDir],
    ['snapshots folder', snapshotsDir],
    ...roots.map(({ name, path }) => [`recordings root ${name}`, path] as const),
  ] as const)
    yield await writable(what, folder);
  yield existsSync(dataDir) && isDataFolderHeld(dataDir)
    ? { ok: true, text: 'data folder: a kernel is running on it' }
    : { ok: true, text: 'data folder: no kernel is running on it' };
  const leastFree = Math.max(leastFreeGib, settings.retention.minFreeDiskGb) * gib;
  for (const folder of new Set([dataDir, recordingsDir, ...roots.map(({ path }) => path)]))
    yield await roomIn(folder, leastFree);
}

async function writable(what: string, folder: string): Promise<Finding> {
  const there = nearestExisting(folder);
  try {
    await access(there, constants.R_OK | constants.W_OK | constants.X_OK);
    return {
      ok: true,
      text: `${what}: ${folder} ${there === folder ? 'is writable' : 'is not there yet; a start creates it'}`,
    };
  } catch {
    return {
      ok: false,
      text: `${what}: ${there} is not writable by this user`,
      next: `give it to the user that runs heldar: chown or chmod ${there}`,
    };
  }
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}

async function roomIn(folder: string, leastFree: number): Promise<Finding> {
  const disk = await readDisk(nearestExisting(folder));
  if (disk === null)
    return { ok: false, text: `disk of ${folder}: its size can't be read`, next: 'check the mount' };
  const free = `${(disk.freeBytes / gib).toFixed(1)} GiB of ${(disk.totalBytes / gib).toFixed(1)} GiB free`;
  if (disk.freeBytes >= leastFree) return { ok: true, text: `disk of ${folder}: ${free}` };
  return {
    ok: false,
    text: `disk of ${folder}: ${free}, less than ${(leastFree / gib).toFixed(1)} GiB`,
    next: 'make room, or lower what is kept: retention.maxRecordingsGb, retention hours of the cameras',
  };
}
