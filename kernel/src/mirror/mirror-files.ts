/** Which copies lie in the mirror, oldest first? */
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { isClosedFileName, timeOfClosedFile } from '../recording/file-names.ts';
import { isPartialCopy } from './copy-segment.ts';

export interface MirrorFile {
  readonly cameraId: string;
  /** Below the mirror folder, with `/`; the same as the segment's `path`. */
  readonly path: string;
  /** The second that its name states, ms since the epoch. */
  readonly startTime: number;
  readonly sizeBytes: number;
}

/**
 * Copies of all cameras, those that begin first in front. Names are read once, sizes only as far as the caller goes on; a file
 * that goes meanwhile is passed over.
 */
export async function* oldestMirrorFiles(mirrorDir: string): AsyncGenerator<MirrorFile> {
  const found: Omit<MirrorFile, 'sizeBytes'>[] = [];
  for (const cameraId of await foldersIn(mirrorDir))
    for (const name of await readdir(join(mirrorDir, cameraId))) {
      const startTime = isClosedFileName(name) ? timeOfClosedFile(name) : undefined;
      if (startTime !== undefined) found.push({ cameraId, path: `${cameraId}/${name}`, startTime });
    }
  found.sort((a, b) => a.startTime - b.startTime || (a.path < b.path ? -1 : 1));
  for (const file of found) {
    const sizeBytes = await sizeOf(join(mirrorDir, file.path));
    if (sizeBytes !== null) yield { ...file, sizeBytes };
  }
}

/** Removes what copies that were cut off have left; to be called while none is under way. */
export async function removePartialCopies(mirrorDir: string): Promise<void> {
  for (const folder of await foldersIn(mirrorDir))
    for (const name of await readdir(join(mirrorDir, folder)))
      if (isPartialCopy(name)) await rm(join(mirrorDir, folder, name), { force: true });
}

/** Folders of cameras; what is being deleted has another name. */
async function foldersIn(mirrorDir: string): Promise<string[]> {
  return (await readdir(mirrorDir, { withFileTypes: true }))
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

async function sizeOf(path: string): Promise<number | null> {
  try {
    return (await stat(path)).size;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
