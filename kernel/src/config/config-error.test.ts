import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { describeProblem } from './config-error.ts';
import { loadConfig } from './load-config.ts';
import { originOfOption } from './resolve-plugins.ts';

test('an option that a plugin refuses is shown where it is written', async () => {
  using folder = folderWith({
    'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  extends: './base.ts',
  plugins: [
    '@heldar/plugin-zones',
    use(() => import('./parking/src/index.ts'), { graceMinutes: '10' }),
  ],
});
`,
    'base.ts': 'export default {};',
  });
  const { plugins, cwd } = await loadConfig({ cwd: folder.path, env: {} });
  const entry = plugins[1];
  if (!entry) throw new Error('no entry');
  const text = 'config.graceMinutes: expected a whole number ≥ 0, got "10"';
  const next = 'write a number without quotes';
  expect(await describeProblem({ text, origin: originOfOption(entry, ['graceMinutes']), next }, cwd)).toBe(
    `  config.graceMinutes: expected a whole number ≥ 0, got "10"
    heldar.config.ts:7:65
    7 │     use(() => import('./parking/src/index.ts'), { graceMinutes: '10' }),
      │                                                                 ^^^^
  next: write a number without quotes`,
  );
  // One that is missing is shown where it should be.
  const missing = await describeProblem({ text, origin: originOfOption(entry, ['currency']) }, cwd);
  expect(missing).toContain('heldar.config.ts:7:49\n');
});

test('a value of a program has no place but the program', async () => {
  const origin = { kind: 'composition', file: null, keys: ['api', 'port'] } as const;
  expect(await describeProblem({ text: 'api.port: no', origin }, '/')).toBe(
    '  api.port: no\n    the program',
  );
});
