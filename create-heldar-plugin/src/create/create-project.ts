/** What does `npm create heldar-plugin` do? Asks, writes the project, makes it a repository, installs, says what comes next. */
import { resolve } from 'node:path';
import { writeFiles } from '../files.ts';
import type { Surroundings } from '../surroundings.ts';
import { readAnswers } from './answers.ts';
import type { Flags } from './flags.ts';
import { initRepository } from './git.ts';
import { installPackages } from './install.ts';
import { nextSteps } from './next-steps.ts';
import { type Questions, terminalQuestions } from './questions.ts';
import { readLicence, readTemplate } from './read-template.ts';
import { renderProject } from './render-project.ts';
import { checkTarget } from './target-folder.ts';

/** Answers the exit code. @throws Failure when nothing was written. */
export async function createProject(
  folder: string | undefined,
  flags: Flags,
  surroundings: Surroundings,
  questions: Questions | null = surroundings.isInteractive && flags.yes !== true ? terminalQuestions() : null,
): Promise<number> {
  const { cwd, env, year, print, complain } = surroundings;
  if (folder !== undefined) await checkTarget(resolve(cwd, folder), flags.force === true);
  const answers = await readAnswers(folder, flags, questions, surroundings);
  await checkTarget(answers.folder, flags.force === true);

  const [template, licenceText] = await Promise.all([
    readTemplate(answers.template),
    readLicence(answers.licence),
  ]);
  const files = renderProject({ ...answers, year }, template, licenceText);
  await writeFiles(answers.folder, files);
  print(`✔ ${answers.name}: ${files.size} files from the template ${answers.template} in ${answers.folder}`);

  const gitProblem = answers.git ? await initRepository(answers.folder) : null;
  if (gitProblem !== null) complain(`● not a git repository: ${gitProblem}; run git init yourself`);

  const problem = answers.install ? await installPackages(answers.folder, answers.packageManager, env) : null;
  if (problem !== null)
    complain(
      `✖ the packages are not installed: ${problem}\n  next: the project is there; mend what it says, then install as below`,
    );
  print('\nNext:');
  const isInstalled = answers.install && problem === null;
  for (const step of nextSteps(answers, cwd, isInstalled)) print(`  ${step}`);
  return problem === null ? 0 : 1;
}
