/** How a still becomes a file with a name of its own: on disk before anything tells of it. */
import { access, mkdir, readdir, rmdir, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { writeDurably } from '../media/durable-file.ts';

export interface KeptStill {
  /** Below the snapshots folder, with `/`. */
  readonly path: string;
  /** When it shows the scene, ms since the epoch: as given, or as many ms later as names were taken. */
  readonly takenAt: number;
}

/** Writes `<snapshots>/<camera>/YYYYMMDDTHHMMSSmmmZ.jpg`, synced; a file that is there is never written over. */
export async function keepStill(
  snapshotsDir: string,
  cameraId: string,
  takenAt: number,
  jpeg: Uint8Array,
): Promise<KeptStill> {
  const folder = join(snapshotsDir, cameraId);
  await mkdir(folder, { recursive: true });
  let free = takenAt;
  while (await exists(join(folder, stillName(free)))) free += 1;
  await writeDurably(join(folder, stillName(free)), jpeg);
  return { path: `${cameraId}/${stillName(free)}`, takenAt: free };
}

/** Removes what a process left of a camera's stills that died while it wrote them. */
export async function removePartialStills(snapshotsDir: string, cameraId: string): Promise<void> {
  const folder = join(snapshotsDir, cameraId);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder))
    if (name.endsWith('.jpg.partial')) await unlink(join(folder, name));
}

/** Takes a still back whose camera is gone, and its folder if nothing else is in it. */
export async function discardStill(snapshotsDir: string, { path }: KeptStill): Promise<void> {
  const file = join(snapshotsDir, path);
  await unlink(file);
  await rmdir(join(file, '..')).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error;
  });
}

/** `YYYYMMDDTHHMMSSmmmZ.jpg`, UTC. */
export function stillName(ms: number): string {
  return `${new Date(ms).toISOString().replaceAll(/[-:.]/g, '')}.jpg`;
}

async function exists(path: string): Promise<boolean> {
  try {
    await access(path);
    return true;
  } catch {
    return false;
  }
}
