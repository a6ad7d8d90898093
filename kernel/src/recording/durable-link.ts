/** How a closed recording gets its name: no file is ever overwritten, and the name is on disk before the index tells of it. */
import { constants } from 'node:fs';
import { link, open, rename, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { closedFileName } from './file-names.ts';

/** More neighbours within as many seconds than any run can make. */
const maxTries = 3600;

/**
 * Gives `file` of `folder` the name of the second `startTime` lies in, or of the next free one; `isTaken` knows of names that are not
 * to be given though nothing lies there. Answers the name.
 */
export async function nameClosedFile(
  folder: string,
  file: string,
  startTime: number,
  isTaken: (name: string) => boolean = () => false,
): Promise<string> {
  const from = join(folder, file);
  await syncPath(from, constants.O_RDWR);
  for (let tries = 0; tries < maxTries; tries += 1) {
    const name = closedFileName(startTime + tries * 1000);
    if (!isTaken(name) && (await linkOrMove(from, join(folder, name)))) {
      await syncPath(folder, constants.O_RDONLY);
      return name;
    }
  }
  throw new Error(`no free name for ${file} within ${maxTries} s of ${closedFileName(startTime)}`);
}

/** False when the name is taken. */
async function linkOrMove(from: string, to: string): Promise<boolean> {
  try {
    await link(from, to);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST') return false;
    if (code !== 'EPERM' && code !== 'ENOTSUP' && code !== 'ENOSYS') throw error;
    return await moveWithoutLinks(from, to);
  }
  await unlink(from);
  return true;
}

/** For file systems without hard links: the name is taken exclusively first, then the file moved over it. */
async function moveWithoutLinks(from: string, to: string): Promise<boolean> {
  try {
    await (await open(to, 'wx')).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
  await rename(from, to);
  return true;
}

/** Brings a file's content or a folder's entries to the disk. */
export async function syncPath(path: string, flags: number = constants.O_RDONLY): Promise<void> {
  const handle = await open(path, flags);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
