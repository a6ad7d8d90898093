/** Does the person at the terminal want this? */
import { createInterface } from 'node:readline/promises';
import { HeldarError } from '../../errors.ts';

/**
 * Returns when they say yes, or said so with `--yes`.
 * @param unchanged what is as it was, for when they do not: `heldar.config.ts is as it was`.
 * @throws HeldarError `usage` when there is nobody to ask, `conflict` when they say no.
 */
export async function agree(question: string, isAgreed: boolean, unchanged: string): Promise<void> {
  if (isAgreed) return;
  if (!process.stdin.isTTY)
    throw new HeldarError(
      'usage',
      `nobody can be asked here: there is no terminal; ${unchanged}\n  next: read the above, then run the same with --yes`,
    );
  if (!/^y(?:es)?$/i.test((await ask(`${question} [y/N] `)).trim()))
    throw new HeldarError('conflict', `not agreed; ${unchanged}`);
}

/** Empty when the terminal is closed instead: Ctrl+C, Ctrl+D. */
async function ask(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  const closed = new Promise<string>((resolve) => {
    terminal.once('close', () => resolve(''));
  });
  try {
    return await Promise.race([terminal.question(question), closed]);
  } finally {
    terminal.close();
  }
}
