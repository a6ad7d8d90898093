import { expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from '../../../test/folder-with.ts';
import { loadConfig } from '../../config/load-config.ts';
import { readLock } from '../../plugins/lock/lock-file.ts';
import { surveyPlugins } from '../survey.ts';
import { lockAll, lockOne, unlock } from './relock.ts';

const plugin = (name: string, text = '') => ({
  [`${name}/package.json`]: JSON.stringify({
    name,
    type: 'module',
    heldar: { name },
    peerDependencies: { '@heldar/plugin-sdk': '*' },
  }),
  [`${name}/index.ts`]: `${text}import { definePlugin } from '@heldar/plugin-sdk';
export default definePlugin({ name: '${name}', setup: () => ({}) });
`,
});

const site = () =>
  folderWith({
    ...plugin('gate'),
    ...plugin('yard'),
    ...plugin('broken', `throw new Error('no licence');\n`),
    'heldar.config.ts': `export default {
  plugins: ['./gate/index.ts', './yard/index.ts', './broken/index.ts'],
  production: { plugins: { yard: false } },
};
`,
  });

async function survey(folder: TemporaryFolder, environment: string) {
  const config = await loadConfig({ cwd: folder.path, env: {}, environment });
  return surveyPlugins(config, () => true);
}

const namesIn = (folder: TemporaryFolder) => [...(readLock(folder.file('heldar.lock')) ?? []).keys()];

test('what cannot be loaded is not locked, and what another environment runs stays locked', async () => {
  using folder = site();
  const file = folder.file('heldar.lock');
  expect(await lockAll(file, await survey(folder, 'test'), folder.path)).toEqual(['broken: no licence']);
  expect(namesIn(folder)).toEqual(['gate', 'yard']);
  await lockAll(file, await survey(folder, 'production'), folder.path);
  expect(namesIn(folder)).toEqual(['gate', 'yard']);
});

test('one plugin is locked without a word about the others, except where nothing is locked yet', async () => {
  using folder = site();
  const file = folder.file('heldar.lock');
  const plugins = await survey(folder, 'test');
  expect(unlock(file, 'gate')).toBe(false);
  await lockOne(file, plugins, 'gate', folder.path);
  expect(namesIn(folder)).toEqual(['gate', 'yard']);
  expect(unlock(file, 'gate')).toBe(true);
  expect(unlock(file, 'yard')).toBe(true);
  await lockOne(file, plugins, 'gate', folder.path);
  expect(namesIn(folder)).toEqual(['gate']);
});
