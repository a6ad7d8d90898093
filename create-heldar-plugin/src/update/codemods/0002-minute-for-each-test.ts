/** 0002: a test may take a minute, as it does on a busy machine. */
import { type Codemod, nothing } from '../codemod.ts';
import { addFile } from '../edits.ts';

const text = `/** Where the tests are, and how long one may take on a busy machine. */
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: { include: ['test/**/*.test.ts'], testTimeout: 60_000 },
});
`;

export const minuteForEachTest: Codemod = {
  number: 2,
  version: '0.1.0',
  gains: 'a minute for each test',
  apply(files) {
    const hasOne = [...files.keys()].some((path) => /^(?:vitest|vite)\.config\.[cm]?[jt]s$/.test(path));
    return hasOne ? nothing : addFile(files, 'vitest.config.ts', text);
  },
};
