import { writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from '../../../test/folder-with.ts';
import { loadConfig } from '../../config/load-config.ts';
import { lockAll } from '../plugin/relock.ts';
import { surveyPlugins } from '../survey.ts';
import { checkLockFile } from './check-lock-file.ts';

const packageJson = (capabilities: readonly string[]) =>
  JSON.stringify({
    name: 'gate',
    type: 'module',
    heldar: { name: 'gate', capabilities },
    peerDependencies: { '@heldar/plugin-sdk': '*' },
  });

const site = () =>
  folderWith({
    'gate/package.json': packageJson(['cameras:read', 'http:outbound']),
    'gate/index.ts': `import { readFileSync } from 'node:fs';
import { definePlugin } from '@heldar/plugin-sdk';
const { heldar } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8'));
export default definePlugin({ name: 'gate', capabilities: heldar.capabilities, setup: () => ({}) });
`,
    'heldar.config.ts': `export default { plugins: ['./gate/index.ts'] };\n`,
  });

const configOf = (folder: TemporaryFolder) =>
  loadConfig({ cwd: folder.path, env: {}, environment: 'production' });

async function found(folder: TemporaryFolder): Promise<string[]> {
  const findings: string[] = [];
  for await (const { ok, text } of checkLockFile(await configOf(folder)))
    findings.push(`${ok ? '✔' : '✖'} ${text}`);
  return findings;
}

test('without a lock there is nothing to tell', async () => {
  using folder = site();
  expect(await found(folder)).toEqual([]);
});

test('what the lock allows beyond what is asked for is told, with how to take it back', async () => {
  using folder = site();
  writeFileSync(folder.file('gate/package.json'), packageJson(['cameras:read']));
  const plugins = await surveyPlugins(await configOf(folder));
  const [gate] = plugins;
  if (gate?.manifest == null) throw new Error('not loaded');
  const wider = { ...gate.manifest, capabilities: ['cameras:read', 'http:outbound'] as const };
  const gone = { ...gate, name: 'yard' };
  await lockAll(folder.file('heldar.lock'), [{ ...gate, manifest: wider }, gone], folder.path);
  expect(await found(folder)).toEqual([
    '✔ heldar.lock: 0 of 1 plugins are what was agreed to',
    '✔ heldar.lock: it says more than is needed; heldar plugin lock brings it up to date\nyard is not in the composition\ngate: capability http:outbound is no longer asked for',
  ]);
});

test('a plugin that is what was agreed to is counted', async () => {
  using folder = site();
  await lockAll(folder.file('heldar.lock'), await surveyPlugins(await configOf(folder)), folder.path);
  expect(await found(folder)).toEqual(['✔ heldar.lock: 1 of 1 plugins are what was agreed to']);
});
