/** How a clip gets on the disk: built aside, synced, and given its name when it is whole. */
import { mkdir, open, readdir, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { HeldarError } from '../errors.ts';
import { syncPath } from '../recording/durable-link.ts';

/** Clips are served by name, and none has a name in here. It is on the same disk as they are, so that a name is one step. */
const buildingFolder = '.building';

/** Answers the size in bytes. What fails leaves nothing behind. @throws HeldarError `unavailable` when the disk is full. */
export async function writeClipFile(
  clipsDir: string,
  name: string,
  bytes: AsyncIterable<Buffer>,
  signal: AbortSignal,
): Promise<number> {
  const partial = join(clipsDir, buildingFolder, name);
  await mkdir(dirname(partial), { recursive: true });
  try {
    const sizeBytes = await writeAll(partial, bytes, signal);
    await rename(partial, join(clipsDir, name));
    await syncPath(clipsDir);
    return sizeBytes;
  } catch (error) {
    await rm(partial, { force: true });
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
    const text = 'there is no room for the clip; delete clips, or ask for a shorter one';
    throw new HeldarError('unavailable', text, { cause: error });
  }
}

async function writeAll(path: string, bytes: AsyncIterable<Buffer>, signal: AbortSignal): Promise<number> {
  const file = await open(path, 'wx');
  let sizeBytes = 0;
  try {
    for await (const chunk of bytes) {
      signal.throwIfAborted();
      await file.writeFile(chunk);
      sizeBytes += chunk.length;
    }
    await file.sync();
  } finally {
    await file.close();
  }
  return sizeBytes;
}

/** What a process that is gone was building. */
export async function removePartialClips(clipsDir: string): Promise<void> {
  const folder = join(clipsDir, buildingFolder);
  await mkdir(folder, { recursive: true });
  for (const name of await readdir(folder)) await rm(join(folder, name), { force: true, recursive: true });
}
