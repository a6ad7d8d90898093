/** How does a file get into another folder whole, also when that lies on another file system? */
import { constants } from 'node:fs';
import { copyFile, mkdir, rename, stat, unlink, utimes } from 'node:fs/promises';
import { dirname } from 'node:path';
import { syncPath } from './durable-link.ts';

/** What a copy is called until it is whole. */
export const partSuffix = '.part';

/** Keeps the time of writing. The target's folder is made when it is missing; a file of that name is replaced. */
export async function moveFile(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  try {
    await rename(from, to);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EXDEV') throw error;
    await copyOver(from, to);
    await unlink(from);
  }
}

async function copyOver(from: string, to: string): Promise<void> {
  const part = `${to}${partSuffix}`;
  try {
    await copyFile(from, part);
    const { atime, mtime } = await stat(from);
    await utimes(part, atime, mtime);
    await syncPath(part, constants.O_RDWR);
    await rename(part, to);
  } catch (error) {
    // What is left of a copy that failed would take space; whether it goes does not change what is told.
    await unlink(part).catch(() => undefined);
    throw error;
  }
}
