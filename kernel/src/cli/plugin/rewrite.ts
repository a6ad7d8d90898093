/** How is a composition changed so that it is never left in a state that does not load? */
import { readFileSync, writeFileSync } from 'node:fs';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { HeldarError, messageOf } from '../../errors.ts';
import { readComposition } from '../composition.ts';
import type { Site } from './site.ts';

/**
 * Writes the new text, loads the composition and has `check` look at it. When either fails the old text is put back, byte for byte.
 * @throws HeldarError `config_invalid` with what failed.
 */
export async function rewriteComposition<Result>(
  { file, shown, flags }: Site,
  text: string,
  check: (config: ResolvedConfig) => Promise<Result>,
): Promise<Result> {
  const before = readFileSync(file);
  try {
    writeFileSync(file, text);
  } catch (error) {
    throw new HeldarError('config_invalid', `${shown} cannot be written: ${messageOf(error)}`, {
      cause: error,
    });
  }
  try {
    return await check(await readComposition(flags, { fresh: 1 }));
  } catch (error) {
    writeFileSync(file, before);
    const code = error instanceof HeldarError ? error.code : 'internal';
    throw new HeldarError(code, `${messageOf(error)}\n  ${shown} is as it was`, { cause: error });
  }
}
