/** Is the recordings folder the one this store knows, or is a disk missing or swapped? */
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { syncPath } from './durable-link.ts';

/** Holds the id of the store whose footage lies here. */
export const markerFile = '.heldar-store';

/**
 * `ours`: the marker names this store, or the store knows no footage yet and the marker was written. `missing`, `foreign`: rows exist, but
 * the folder is another: nothing may be deleted or adopted.
 */
export type FolderIdentity = 'ours' | 'missing' | 'foreign';

export async function checkFolder(
  recordingsDir: string,
  storeId: string,
  hasSegments: boolean,
): Promise<FolderIdentity> {
  await mkdir(recordingsDir, { recursive: true });
  const found = await readMarker(recordingsDir);
  if (found === storeId) return 'ours';
  if (hasSegments) return found === null ? 'missing' : 'foreign';
  const file = join(recordingsDir, markerFile);
  await writeFile(file, `${storeId}\n`);
  await syncPath(file);
  await syncPath(recordingsDir);
  return 'ours';
}

async function readMarker(recordingsDir: string): Promise<string | null> {
  try {
    return (await readFile(join(recordingsDir, markerFile), 'utf8')).trim();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw error;
  }
}
