/** Does the census notice that a guard is gone? */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { repository } from './guards.ts';

export interface Trial {
  readonly isNoticed: boolean;
  /** What the test runner printed. */
  readonly output: string;
}

const config = fileURLToPath(new URL('mutant-config.ts', import.meta.url));
const runner = fileURLToPath(new URL('../vitest.mjs', import.meta.resolve('vitest')));
const censuses = ['kernel/test/access-census.test.ts', 'kernel/test/scope-census.test.ts'];

/** `index`: of the guard in the list. Noticed is what makes a test fail, not what keeps one from running. */
export function tryGuard(index: number): Promise<Trial> {
  const args = [runner, 'run', '--config', config, '--bail', '1', '--reporter', 'tap-flat', ...censuses];
  return new Promise((settle) => {
    execFile(
      process.execPath,
      args,
      {
        cwd: repository,
        env: { ...process.env, MUTANT: String(index), VITEST: undefined },
        maxBuffer: 2 ** 26,
      },
      (error, out, err) => {
        const output = `${out}\n${err}`;
        settle({
          isNoticed: error !== null && /^not ok /m.test(out) && out.includes('AssertionError'),
          output,
        });
      },
    );
  });
}
