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
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await terminal.question(`${question} [y/N] `);
    if (!/^y(?:es)?$/i.test(answer.trim())) throw new HeldarError('conflict', `not agreed; ${unchanged}`);
  } finally {
    terminal.close();
  }
}
