/** The text files of a project: their texts by path, from the project's folder, with `/`. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Failure, messageOf } from './failure.ts';

export type Files = ReadonlyMap<string, string>;

/** Installed, or git's own: wherever it lies. */
const neverSources: ReadonlySet<string> = new Set(['node_modules', '.git']);
/** Built, recorded or measured: at the top of a project. */
const results: ReadonlySet<string> = new Set(['dist', 'data', '.heldar', 'coverage']);

/** All files below a folder whose bytes are text, in the order of their paths. */
export async function readFiles(folder: string): Promise<Files> {
  const files = new Map<string, string>();
  for (const path of (await pathsBelow(folder, '')).toSorted()) {
    const bytes = await readFile(join(folder, path));
    if (!bytes.includes(0)) files.set(path, bytes.toString());
  }
  return files;
}

/** Links are not followed. */
async function pathsBelow(folder: string, at: string): Promise<string[]> {
  const entries = await readdir(join(folder, at), { withFileTypes: true });
  const paths = entries.map(async (entry) => {
    const path = `${at}${entry.name}`;
    if (entry.isFile()) return [path];
    const isLeftOut = neverSources.has(entry.name) || results.has(path);
    return entry.isDirectory() && !isLeftOut ? pathsBelow(folder, `${path}/`) : [];
  });
  return (await Promise.all(paths)).flat();
}

/**
 * Writes files in their order, with the folders above them; what has the same name is replaced.
 * @throws Failure naming the file that can't be written; those before it are.
 */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path);
    try {
      await mkdir(dirname(file), { recursive: true });
      await writeFile(file, text);
    } catch (error) {
      throw new Failure(
        `${file} can't be written: ${messageOf(error)}`,
        'see that the folder is yours and that the disk has room, then repeat the command',
        { cause: error },
      );
    }
  }
}
