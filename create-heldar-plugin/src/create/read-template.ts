/** What does a template consist of? What all have in common, and what is its own. */
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { Licence, Template } from '../choices.ts';
import { type Files, readFiles } from '../files.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Named `my-plugin` all over. */
export async function readTemplate(template: Template): Promise<Files> {
  const shared = await readFiles(`${root}templates/shared`);
  const own = await readFiles(`${root}templates/${template}`);
  const files = [...shared, ...own].map(([path, text]) => [realPath(path), text] as const);
  return new Map(files.toSorted(([a], [b]) => (a < b ? -1 : 1)));
}

/** With `{year}` and `{name}` to be filled in. */
export function readLicence(licence: Licence): Promise<string> {
  return readFile(`${root}licences/${licence}.txt`, 'utf8');
}

/** npm leaves a file called `.gitignore` out of a package. */
function realPath(path: string): string {
  return path === '_gitignore' ? '.gitignore' : path;
}
