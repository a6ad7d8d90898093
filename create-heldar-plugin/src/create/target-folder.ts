/** May a project be written into this folder? */
import { readdir } from 'node:fs/promises';
import { Failure, messageOf } from '../failure.ts';

/**
 * A folder that is not there, or empty but for git's own, may; another one when that is asked for.
 * @throws Failure saying what lies there.
 */
export async function checkTarget(folder: string, force: boolean): Promise<void> {
  const names = await namesIn(folder);
  const found = names.filter((name) => name !== '.git');
  if (found.length === 0 || force) return;
  const shown = found.toSorted().slice(0, 3).join(', ');
  throw new Failure(
    `${folder} is not empty: it holds ${shown}${found.length > 3 ? ` and ${found.length - 3} more` : ''}`,
    'choose another folder, or add --force: files of the same name are replaced',
  );
}

async function namesIn(folder: string): Promise<readonly string[]> {
  try {
    return await readdir(folder);
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return [];
    if (code === 'ENOTDIR')
      throw new Failure(`${folder} is a file`, 'choose another folder', { cause: error });
    throw new Failure(`${folder} can't be read: ${messageOf(error)}`, 'choose another folder', {
      cause: error,
    });
  }
}
