/** Which checks are there, in which order, and how is each told? */
import type { ResolvedConfig } from '../../config/load-config.ts';
import { HeldarError, messageOf } from '../../errors.ts';
import { readComposition, type CompositionFlags } from '../composition.ts';
import { checkDatabase } from './check-database.ts';
import { checkFolders } from './check-folders.ts';
import { checkLockFile } from './check-lock-file.ts';
import { checkMachine } from './check-machine.ts';
import { checkPlugins } from './check-plugins.ts';
import { checkRecordings } from './check-recordings.ts';

export interface Finding {
  readonly ok: boolean;
  readonly text: string;
  /** What to do about it. */
  readonly next?: string;
}

/** A part that throws is a finding of its own: the others go on. */
export type Examination = (
  config: ResolvedConfig,
) => AsyncIterable<Finding> | Iterable<Finding> | Promise<readonly Finding[]>;

const examinations: readonly (readonly [string, Examination])[] = [
  ['machine', checkMachine],
  ['folders', checkFolders],
  ['plugins', checkPlugins],
  ['heldar.lock', checkLockFile],
  ['database', checkDatabase],
  ['recordings', checkRecordings],
];

/** Tells each finding as soon as it is known. */
export async function runChecks(
  flags: CompositionFlags,
  tell: (line: string) => void,
): Promise<{ checks: number; failed: number }> {
  let checks = 0;
  let failed = 0;
  const note = ({ ok, text, next }: Finding) => {
    checks += 1;
    if (!ok) failed += 1;
    tell(`${ok ? '✔' : '✖'} ${text.replaceAll('\n', '\n  ')}`);
    if (!ok && next !== undefined) tell(`    next: ${next}`);
  };
  let config: ResolvedConfig;
  try {
    config = await readComposition(flags);
    const files = config.layers.map(({ file }) => file ?? '').filter((file) => file !== '');
    note({ ok: true, text: `composition: ${files.at(-1) ?? 'none, no plugins'} (${config.environment})` });
  } catch (error) {
    if (!(error instanceof HeldarError)) throw error;
    note({
      ok: false,
      text: error.message,
      next: 'correct the composition; nothing else can be checked before',
    });
    return { checks, failed };
  }
  for (const [part, examine] of examinations)
    try {
      for await (const finding of await examine(config)) note(finding);
    } catch (error) {
      note({
        ok: false,
        text: `${part}: ${messageOf(error)}`,
        next: 'mend what the text names, then look again',
      });
    }
  return { checks, failed };
}
