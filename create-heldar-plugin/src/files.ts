/** The text files of a project: their texts by path, from the project's folder, with `/`. */
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';

export type Files = ReadonlyMap<string, string>;

/** What is no source of a project: installed, built, recorded, or git's own. */
const leftOut: ReadonlySet<string> = new Set(['node_modules', 'dist', 'data', '.git', '.heldar', 'coverage']);

/** All files below a folder whose bytes are text, in the order of their paths. */
export async function readFiles(folder: string): Promise<Files> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  const paths = entries
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .filter((path) => !path.split('/').some((part) => leftOut.has(part)))
    .toSorted();
  const files = new Map<string, string>();
  for (const path of paths) {
    const bytes = await readFile(join(folder, path));
    if (!bytes.includes(0)) files.set(path, bytes.toString());
  }
  return files;
}

/** Writes files in their order, with the folders above them; what has the same name is replaced. */
export async function writeFiles(folder: string, files: Files): Promise<void> {
  for (const [path, text] of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
}
