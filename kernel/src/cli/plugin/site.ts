/** Which composition is to be changed, and what does it run now? */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { showFile } from '../../config/code-frame.ts';
import { HeldarError } from '../../errors.ts';
import { lockFileOf, readLock } from '../../plugins/lock/lock-file.ts';
import { readComposition, type CompositionFlags } from '../composition.ts';

export interface Site {
  readonly config: ResolvedConfig;
  /** Of the composition, not of what it extends. */
  readonly file: string;
  readonly folder: string;
  /** As a person at this working directory would name it. */
  readonly shown: string;
  readonly text: string;
  readonly lockFile: string;
  readonly flags: CompositionFlags;
}

/** @throws HeldarError `config_invalid` when there is no composition, or it or its lock does not load as it is. */
export async function openSite(flags: CompositionFlags): Promise<Site> {
  const config = await readComposition(flags);
  const file = config.layers.at(-1)?.file ?? null;
  if (file === null)
    throw new HeldarError(
      'config_invalid',
      `there is no heldar.config.ts in ${config.cwd} or above\n  next: create one: import { defineConfig } from '@heldar/plugin-sdk'; export default defineConfig({ plugins: [] });`,
    );
  const lockFile = lockFileOf(file);
  readLock(lockFile);
  return {
    config,
    file,
    folder: dirname(file),
    shown: showFile(file, config.cwd),
    text: readFileSync(file, 'utf8'),
    lockFile,
    flags,
  };
}
