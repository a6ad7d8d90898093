/** What does `create-heldar-plugin update` do? Brings a project what its template has gained, and tells what is left to its author. */
import { stat } from 'node:fs/promises';
import { resolve } from 'node:path';
import { hasUncommitted } from '../create/git.ts';
import { readTemplate } from '../create/read-template.ts';
import { Failure } from '../failure.ts';
import { readFiles, writeFiles } from '../files.ts';
import type { Surroundings } from '../surroundings.ts';
import { codemods } from './codemods.ts';
import { planUpdate, type Step } from './plan-update.ts';
import { readMark } from './template-mark.ts';

export interface UpdateFlags {
  readonly dryRun?: boolean;
  readonly force?: boolean;
}

/** Answers the exit code. @throws Failure when nothing was changed. */
export async function updateProject(
  folder: string,
  { dryRun = false, force = false }: UpdateFlags,
  { cwd, print }: Surroundings,
): Promise<number> {
  const place = resolve(cwd, folder);
  const files = await readProject(place);
  const { version } = readMark(await readTemplate(readMark(files).name));
  const { from, to, steps, changed } = planUpdate(files, codemods, version);
  if (changed.size === 0) {
    print(`✔ it is at ${to.name} ${to.version}, the newest: nothing to do`);
    return 0;
  }
  if (!dryRun && !force && (await hasUncommitted(place)) === true)
    throw new Failure(
      `${place} has changes that are not committed: they would mix with those of the update`,
      'commit them first, or add --force',
    );
  if (!dryRun) await writeFiles(place, changed);
  for (const step of steps) print(lineOf(step));
  print(
    dryRun
      ? `● ${from.name} ${from.version} would become ${to.version}; nothing was changed`
      : `✔ ${from.name} ${from.version} is now ${to.version}; look at the changes, then run its tests`,
  );
  return 0;
}

async function readProject(folder: string) {
  const found = await stat(folder).catch(() => null);
  if (found?.isDirectory() === true) return readFiles(folder);
  throw new Failure(
    `there is no folder ${folder}`,
    'name the folder of a plugin: create-heldar-plugin update <folder>',
  );
}

function lineOf({ codemod: { number, gains }, paths, left }: Step): string {
  const known = String(number).padStart(4, '0');
  return left === null
    ? `✔ ${known} ${gains}  (${paths.join(', ')})`
    : `● ${known} ${gains}: left to you, since it was changed by hand\n    ${left}`;
}
