/** What did an earlier process leave in a camera's ring, and what of it belongs into a recording? */
import { readdir, stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOpenFileName } from './file-names.ts';
import { moveFile } from './move-file.ts';

/**
 * Empties the ring. Files that hold something of `kept` (ms since the epoch) are moved among the recordings, under the names of files that are
 * still to be indexed. Other files than a recorder's are left alone. Answers how many were moved.
 */
export async function emptyRing(options: {
  /** Of the ring, absolute. */
  folder: string;
  /** Of the camera's recordings, absolute. */
  destination: string;
  kept: { readonly from: number; readonly until: number } | null;
}): Promise<number> {
  const { folder, destination, kept } = options;
  let moved = 0;
  for (const name of await recorderFiles(folder)) {
    const file = join(folder, name);
    const { birthtimeMs, mtimeMs, size } = await stat(file);
    if (kept !== null && size > 0 && mtimeMs > kept.from && birthtimeMs < kept.until) {
      await moveFile(file, join(destination, name));
      moved += 1;
    } else await unlink(file);
  }
  return moved;
}

async function recorderFiles(folder: string): Promise<string[]> {
  try {
    return (await readdir(folder)).filter((name) => parseOpenFileName(name) !== undefined).sort();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}
