/** Runs tests against sources without one guard: `HELDAR_MUTANT` is its place in the list. */
import { join } from 'node:path';
import { mergeConfig } from 'vitest/config';
import common from '../../../vitest.config.ts';
import { guards, repository } from './guards.ts';

const mutant = guards()[Number(process.env['MUTANT'])];
if (mutant === undefined) throw new Error('MUTANT names no guard');
let isApplied = false;

export default mergeConfig(common, {
  root: repository,
  plugins: [
    {
      name: 'without a guard',
      enforce: 'pre',
      transform(source: string, id: string) {
        if (id.split('?')[0] !== join(repository, mutant.file)) return null;
        isApplied = true;
        return mutant.apply(source);
      },
      buildEnd() {
        if (!isApplied) process.stderr.write(`not loaded: ${mutant.file}\n`);
      },
    },
  ],
});
