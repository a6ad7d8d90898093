/** Does a folder belong to a git repository, and how does it become one? */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { execa } from 'execa';

/** For a folder that need not exist. */
export async function isInsideWorkTree(folder: string): Promise<boolean> {
  const answer = await git(['rev-parse', '--is-inside-work-tree'], nearestFolder(folder));
  return answer.exitCode === 0 && answer.stdout === 'true';
}

/** Has files that git would show as changed or new. Outside of a repository: null. */
export async function hasUncommitted(folder: string): Promise<boolean | null> {
  const answer = await git(['status', '--porcelain', '--', '.'], folder);
  return answer.exitCode === 0 ? answer.stdout !== '' : null;
}

/** Answers why it did not work, or null when it did. */
export async function initRepository(folder: string): Promise<string | null> {
  const answer = await git(['init', '--quiet', '--initial-branch=main'], folder);
  return answer.failed ? answer.stderr || 'git was not found' : null;
}

function git(args: readonly string[], cwd: string) {
  return execa('git', args, { cwd, reject: false, stdin: 'ignore' });
}

function nearestFolder(folder: string): string {
  return existsSync(folder) || folder === dirname(folder) ? folder : nearestFolder(dirname(folder));
}
