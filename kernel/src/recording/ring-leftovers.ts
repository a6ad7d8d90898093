/** What did an earlier process leave in a camera's ring, and what of it belongs into a recording? */
import { stat, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { parseOpenFileName } from './file-names.ts';
import { listFolder } from './leftovers.ts';
import { moveFile } from './move-file.ts';

/**
 * Empties the ring. Files that hold something of `kept` (ms since the epoch) are moved among the recordings, under the names of files that are
 * still to be indexed, or stay while there is no place for them. Other files than a recorder's are left alone.
 */
export async function emptyRing(options: {
  /** Of the ring, absolute. */
  folder: string;
  /** Of the camera's recordings, absolute; null: nothing can be recorded there now. */
  destination: string | null;
  kept: { readonly from: number; readonly until: number } | null;
}): Promise<{ moved: number; left: number }> {
  const { folder, destination, kept } = options;
  let moved = 0;
  let left = 0;
  for (const name of await recorderFiles(folder)) {
    const file = join(folder, name);
    const { birthtimeMs, mtimeMs, size } = await stat(file);
    const isKept = kept !== null && size > 0 && mtimeMs > kept.from && birthtimeMs < kept.until;
    if (!isKept) await unlink(file);
    else if (destination === null) left += 1;
    else {
      await moveFile(file, join(destination, name));
      moved += 1;
    }
  }
  return { moved, left };
}

async function recorderFiles(folder: string): Promise<string[]> {
  return (await listFolder(folder)).filter((name) => parseOpenFileName(name) !== undefined).sort();
}
