/** How everything that is wrong with a configuration is told at once. */
import { HeldarError } from '../errors.ts';
import { locateOrigin, showFile, showLocation, showOrigin } from './code-frame.ts';
import type { Origin, Problem } from './origin.ts';

/** One error for all problems, each with the line it stands on. */
export async function configError(problems: readonly Problem[], cwd: string): Promise<HeldarError> {
  const told = await Promise.all(problems.map((problem) => describeProblem(problem, cwd)));
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`;
  const message = `the configuration has ${count}\n${told.join('\n')}`;
  return new HeldarError('config_invalid', message, {
    details: { problems: problems.map(({ text }) => text) },
  });
}

/** `  what: expected …, got …`, its place with a mark under it, and what to do. */
export async function describeProblem(problem: Problem, cwd: string): Promise<string> {
  const lines = [`  ${problem.text}`];
  const location = await locateOrigin(problem.origin);
  lines.push(location ? showLocation(location, cwd, '    ') : `    ${await showPlace(problem.origin, cwd)}`);
  if (problem.next !== undefined) lines.push(`  next: ${problem.next}`);
  return lines.join('\n');
}

async function showPlace(origin: Origin, cwd: string): Promise<string> {
  if (origin.kind !== 'variable') return showOrigin(origin, cwd);
  return origin.file === null ? 'in the environment' : `${showFile(origin.file, cwd)}:${origin.line}`;
}
