/** One segment to the mirror: whole and synced under its name, or not there at all. */
import { mkdir, open, rename, rm, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { syncPath } from '../recording/durable-link.ts';

/** `source-gone`: the recording was deleted meanwhile. `source-unreadable`: it can't be read, and trying again would hold up all others. */
export type CopyOutcome = 'copied' | 'source-gone' | 'source-unreadable';

export interface CopyWatch {
  /** Breaks the copy off. */
  readonly signal: AbortSignal;
  /** A part of the file was written. */
  onProgress(): void;
}

const partialSuffix = '.partial';
const chunkBytes = 1024 * 1024;

/**
 * Copies in steps of 1 MiB, so that an abort is followed at once. The folder of the camera is made, the one above it never: it
 * may be the place of a disk that is not mounted.
 * @throws what the file system of the mirror throws, or the signal's reason; nothing is left behind then.
 */
export async function copySegment(
  from: string,
  to: string,
  { signal, onProgress }: CopyWatch,
): Promise<CopyOutcome> {
  const source = await openSource(from);
  if (typeof source === 'string') return source;
  const partial = join(dirname(to), `.${basename(to)}${partialSuffix}`);
  try {
    await makeFolder(dirname(to));
    if (!(await copyInto(partial, source, { signal, onProgress }))) {
      await rm(partial, { force: true });
      return 'source-unreadable';
    }
    await rename(partial, to);
    await syncPath(dirname(to));
    return 'copied';
  } catch (error) {
    // The first failure says what is wrong; this one would only repeat it.
    await rm(partial, { force: true }).catch(() => {});
    throw error;
  } finally {
    await source.close();
  }
}

/** False when the source can't be read. */
async function copyInto(
  path: string,
  source: FileHandle,
  { signal, onProgress }: CopyWatch,
): Promise<boolean> {
  const target = await open(path, 'w');
  try {
    const buffer = Buffer.allocUnsafe(chunkBytes);
    for (;;) {
      signal.throwIfAborted();
      const bytesRead = await readChunk(source, buffer);
      if (bytesRead === null) return false;
      if (bytesRead === 0) break;
      await target.appendFile(buffer.subarray(0, bytesRead));
      onProgress();
    }
    await target.sync();
    return true;
  } finally {
    await target.close();
  }
}

async function readChunk(source: FileHandle, buffer: Buffer): Promise<number | null> {
  try {
    return (await source.read(buffer, 0, buffer.length, null)).bytesRead;
  } catch {
    return null;
  }
}

async function openSource(path: string): Promise<FileHandle | 'source-gone' | 'source-unreadable'> {
  try {
    return await open(path, 'r');
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT' ? 'source-gone' : 'source-unreadable';
  }
}

async function makeFolder(folder: string): Promise<void> {
  try {
    await mkdir(folder);
    await syncPath(dirname(folder));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}

/** What a copy that was cut off leaves. */
export function isPartialCopy(name: string): boolean {
  return name.startsWith('.') && name.endsWith(partialSuffix);
}
