import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from '../../test/folder-with.ts';
import { lockDataFolder } from '../store/lock.ts';
import { readMigrations } from '../store/migrations/read.ts';

const plugin = (name: string) =>
  `import { definePlugin } from '@heldar/plugin-sdk';
   export default definePlugin({ name: '${name}', migrations: './migrations', setup: () => ({}) });`;
const files = {
  'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';
    export default defineConfig({ plugins: [use(() => import('./parking/index.ts')), use(() => import('./broken/index.ts'))] });`,
  'parking/package.json':
    '{ "name": "@acme/parking", "type": "module", "heldar": { "name": "parking", "release": ["0001_visits.sql"] } }',
  'parking/index.ts': plugin('parking'),
  'parking/migrations/0001_visits.sql': 'create table parking_visit (id text primary key);',
  'parking/migrations/0002_plate.sql': 'alter table parking_visit add column plate text;',
  'parking/migrations/0002_plate.down.sql': 'alter table parking_visit drop column plate;',
  'broken/package.json': '{ "name": "@acme/broken", "type": "module", "heldar": { "name": "broken" } }',
  'broken/index.ts': `throw new Error('no camera today');`,
};

const kernelOnes = readMigrations(fileURLToPath(new URL('../../../migrations', import.meta.url)))
  .map(({ name }) => name)
  .join(', ');
const entry = fileURLToPath(new URL('../store/migrations/fixtures/heldar-migrate.ts', import.meta.url));
let folder: TemporaryFolder;
beforeAll(() => {
  folder = folderWith(files);
});
afterAll(() => folder[Symbol.dispose]());

/** What `heldar migrate …` prints in a process of its own, and the error it ends with, or null. */
const heldar = (...args: string[]) => heldarIn(folder, ...args);

async function heldarIn(
  site: TemporaryFolder,
  ...args: string[]
): Promise<{ printed: string; error: unknown }> {
  const { stdout, stderr } = await promisify(execFile)(
    process.execPath,
    ['--conditions=heldar-source', entry, ...args, '--env', 'production'],
    { cwd: site.path, env: { ...process.env, HELDAR_DATA_DIR: site.file('data') } },
  );
  return { printed: stdout, error: stderr === '' ? null : JSON.parse(stderr) };
}

const failure = (code: string, message: string) =>
  expect.objectContaining({ code, message: expect.stringContaining(message) });

test('migrations are shown, applied, taken back and removed from the command line', async () => {
  expect(await heldar('status', 'parking')).toEqual({
    printed: expect.stringMatching(
      /^owner +migration +state +applied\nparking +0001_visits +pending\nparking +0002_plate +pending\n$/,
    ),
    error: failure('plugin_failed', `broken can't be loaded: no camera today`),
  });
  expect(existsSync(folder.file('data'))).toBe(false);
  expect(await heldar('up')).toEqual({
    printed: `kernel: applied ${kernelOnes}\nparking: applied 0001_visits, 0002_plate\n`,
    error: failure('plugin_failed', `broken can't be loaded: no camera today`),
  });
  expect(await heldar('up', 'parking')).toEqual({
    printed: 'kernel: nothing pending\nparking: nothing pending\n',
    error: null,
  });
  expect((await heldar('status')).printed).toMatch(
    /kernel +0001_kernel +applied +20\d\d-.*\n(?:kernel .*\n)*parking +0001_visits +applied +.*\nparking +0002_plate +draft +/,
  );
  expect(await heldar('down', 'parking')).toEqual({
    printed: 'parking: took back 0002_plate; a start applies them again\n',
    error: null,
  });
  expect((await heldar('down', 'parking')).error).toEqual(
    failure('usage', 'parking: 0001_visits has no way down; next: '),
  );
  expect((await heldar('uninstall', 'parking')).error).toEqual(failure('usage', 'add --yes'));
  expect(await heldar('uninstall', 'parking', '--yes')).toEqual({
    printed: expect.stringMatching(/dropped parking_visit.*\nparking is still in the composition/),
    error: null,
  });
  expect((await heldar('uninstall', 'parking', '--yes')).error).toEqual(
    failure('usage', 'holds nothing of parking'),
  );
});

test('a plugin whose migration fails does not keep the others from being migrated', async () => {
  using site = folderWith({
    ...files,
    'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';
      export default defineConfig({ plugins: [use(() => import('./gate/index.ts')), use(() => import('./parking/index.ts'))] });`,
    'gate/package.json': '{ "name": "@acme/gate", "type": "module", "heldar": { "name": "gate" } }',
    'gate/index.ts': plugin('gate'),
    'gate/migrations/0001_gate.sql': 'create table gate_log (a);\ndelete from cameras;',
  });
  expect(await heldarIn(site, 'up')).toEqual({
    printed: `kernel: applied ${kernelOnes}\ngate: failed\nparking: applied 0001_visits, 0002_plate\n`,
    error: failure('migration_failed', '0001_gate.sql:2: writes cameras, which is not of gate'),
  });
});

test('an owner that is not there, or cannot be loaded, is named', async () => {
  expect((await heldar('up', 'nobody')).error).toEqual(
    failure('usage', 'nobody has no migrations here; there are those of kernel, parking'),
  );
  expect((await heldar('up', 'broken')).error).toEqual(failure('plugin_failed', 'no camera today'));
});

test('while a kernel holds the data folder, nothing is changed but the status can be seen', async () => {
  const lock = lockDataFolder(folder.file('data'));
  try {
    expect((await heldar('up')).error).toEqual(failure('data_locked', 'is in use by another kernel'));
    expect((await heldar('status', 'kernel')).printed).toContain('0001_kernel');
  } finally {
    lock.release();
  }
});
