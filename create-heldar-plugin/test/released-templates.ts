/** Which templates were released, and as what? Their files, frozen by `npm run freeze`. */
import { readdirSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import type { Template } from '../src/choices.ts';
import { type Files, readFiles } from '../src/files.ts';

const folder = fileURLToPath(new URL('../released/', import.meta.url));

/** Every template of every version. */
export const releases: readonly { readonly version: string; readonly template: Template }[] = readdirSync(
  folder,
).flatMap((version) =>
  readdirSync(`${folder}${version}`).map((template) => ({ version, template: template as Template })),
);

export function readReleased(version: string, template: Template): Promise<Files> {
  return readFiles(`${folder}${version}/${template}`);
}
