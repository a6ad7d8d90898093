/** What does somebody do with a project that was just made? */
import { relative } from 'node:path';
import { inWordsOf } from '../package-manager.ts';
import type { Answers } from './answers.ts';

/** Three commands, to be run where the one that made it was. */
export function nextSteps(
  { folder, packageManager }: Pick<Answers, 'folder' | 'packageManager'>,
  cwd: string,
  isInstalled: boolean,
): readonly string[] {
  const path = relative(cwd, folder);
  const steps = [
    ...(path === '' ? [] : [`cd ${/[^\w./@-]/.test(path) ? JSON.stringify(path) : path}`]),
    ...(isInstalled ? [] : ['npm install']),
    'npm run dev',
    'npm test',
    'npm run build',
  ];
  return steps.slice(0, 3).map((step) => inWordsOf(packageManager, step));
}
