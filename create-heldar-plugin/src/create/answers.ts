/** What is to be made, and where? From flags, then from whoever can be asked, then from defaults. */
import { resolve } from 'node:path';
import {
  chosen,
  type Licence,
  licences,
  type PackageManager,
  packageManagers,
  type Template,
  templates,
} from '../choices.ts';
import { Failure } from '../failure.ts';
import { runningPackageManager } from '../package-manager.ts';
import type { Surroundings } from '../surroundings.ts';
import type { Flags } from './flags.ts';
import { isInsideWorkTree } from './git.ts';
import { nameProblem, packageNameProblem, suggestedName } from './plugin-name.ts';
import type { Questions } from './questions.ts';

export interface Answers {
  /** Absolute. */
  readonly folder: string;
  readonly name: string;
  readonly packageName: string;
  readonly template: Template;
  readonly packageManager: PackageManager;
  readonly licence: Licence;
  readonly git: boolean;
  readonly install: boolean;
}

/**
 * `questions`: null when nobody is to be asked. Flags are checked before the first question.
 * @throws Failure naming the flag that is wrong or missing.
 */
export async function readAnswers(
  folder: string | undefined,
  flags: Flags,
  questions: Questions | null,
  surroundings: Pick<Surroundings, 'cwd' | 'env'>,
): Promise<Answers> {
  checkMissing(folder, flags, questions);
  const { cwd, env } = surroundings;
  const template = flags.template && chosen('--template', flags.template, templates);
  const licence = flags.license && chosen('--license', flags.license, licences);
  const manager = flags.packageManager && chosen('--package-manager', flags.packageManager, packageManagers);
  refuse('--name', flags.name, nameProblem);
  refuse('--package', flags.package, packageNameProblem);
  if (folder !== undefined && questions === null && flags.name === undefined)
    refuse('the name', suggestedName(resolve(cwd, folder)), nameProblem, 'give another one with --name');

  const place = resolve(
    cwd,
    folder ?? (await questions?.text('In which folder?', './my-plugin', () => null)) ?? '',
  );
  const name = flags.name ?? (await settleName(suggestedName(place), questions));
  const running = runningPackageManager(env['npm_config_user_agent']);
  const wantsGit = !(await isInsideWorkTree(place));
  return {
    folder: place,
    name,
    packageName: flags.package ?? `heldar-plugin-${name}`,
    template:
      template || ((await questions?.choice('What does it do?', templates, 'consumer')) ?? 'consumer'),
    packageManager:
      manager || ((await questions?.choice('Which package manager?', packageManagers, running)) ?? running),
    licence: licence || ((await questions?.choice('Which licence?', licences, 'Apache-2.0')) ?? 'Apache-2.0'),
    git: flags.git ?? (await questions?.yes('Make it a git repository?', wantsGit)) ?? wantsGit,
    install: flags.install ?? (await questions?.yes('Install its packages?', true)) ?? true,
  };
}

/** With nobody to ask, what has no sensible default has to be said. */
function checkMissing(folder: string | undefined, flags: Flags, questions: Questions | null): void {
  if (questions !== null) return;
  const missing = [
    ...(folder === undefined ? ['the folder (the first argument)'] : []),
    ...(flags.template === undefined && flags.yes !== true ? ['--template'] : []),
  ];
  if (missing.length === 0) return;
  throw new Failure(
    `nobody can be asked here, and ${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
    `npm create heldar-plugin <folder> -- --template ${Object.keys(templates).join('|')}, or --yes for the defaults`,
  );
}

function refuse(
  what: string,
  value: string | undefined,
  problemOf: (value: string) => string | null,
  next = `give ${what} another value`,
): void {
  const problem = value === undefined ? null : problemOf(value);
  if (problem !== null) throw new Failure(`${what}: ${problem}`, next);
}

/** The folder's, unless somebody wants another or it is none. */
async function settleName(suggestion: string, questions: Questions | null): Promise<string> {
  return questions === null ? suggestion : questions.text('What is it called?', suggestion, nameProblem);
}
