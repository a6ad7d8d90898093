import { writeFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import type { HeldarConfig } from '@heldar/plugin-sdk';
import { folderWith } from '../../test/folder-with.ts';
import { HeldarError } from '../errors.ts';
import { loadConfig } from './load-config.ts';
import type { LoadConfigOptions } from './load-config.ts';
import { settingAt, settingPaths } from './settings.ts';

const composition = (body: string) =>
  `import { defineConfig } from '@heldar/plugin-sdk';\n\nexport default defineConfig(${body});\n`;

async function load(files: Record<string, string>, options: Partial<LoadConfigOptions> = {}) {
  using folder = folderWith(files);
  const config = await loadConfig({ cwd: folder.path, env: {}, ...options });
  return { ...config, folder: folder.path };
}

/** The text of the error that a configuration ends with. */
async function failure(files: Record<string, string>, options: Partial<LoadConfigOptions> = {}) {
  using folder = folderWith(files);
  const loading = loadConfig({ cwd: folder.path, env: {}, ...options });
  const error: unknown = await loading.then(
    () => expect.unreachable('the configuration was taken'),
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(HeldarError);
  return (error as HeldarError).message.replaceAll(folder.path, '<folder>');
}

test('a composition that has changed since is read again when that is asked for', async () => {
  using folder = folderWith({ 'heldar.config.ts': `export default { siteId: 'before' };` });
  const siteOf = async (fresh: number) =>
    (await loadConfig({ cwd: folder.path, env: {}, fresh })).settings.siteId;
  expect(await siteOf(0)).toBe('before');
  writeFileSync(folder.file('heldar.config.ts'), `export default { siteId: 'after' };`);
  expect(await siteOf(1)).toBe('after');
});

describe('settings', () => {
  test('without a composition and variables are the defaults, with folders below the working directory', async () => {
    const { settings, layers, plugins, warnings, folder } = await load({});
    expect({ layers, plugins, warnings }).toEqual({ layers: [], plugins: [], warnings: [] });
    expect(settings).toMatchObject({
      siteId: null,
      api: { host: '127.0.0.1', port: 8000, corsOrigins: ['http://localhost:5173'] },
      auth: { enabled: false },
      dataDir: `${folder}/data`,
      databaseUrl: `sqlite://${folder}/data/heldar.db`,
      framesDir: `${folder}/data/frames`,
    });
  });

  test('the database and the folders follow the data folder', async () => {
    const { settings } = await load({}, { env: { HELDAR_DATA_DIR: '/srv/heldar', HELDAR_FRAMES_DIR: 'f' } });
    expect(settings.databaseUrl).toBe('sqlite:///srv/heldar/heldar.db');
    expect(settings.recordingsDir).toBe('/srv/heldar/recordings');
    expect(settings.framesDir).toMatch(/^\/.*\/f$/);
  });

  test('come from the base, then the file, then the section of the environment, then the variable', async () => {
    const files = {
      'base.ts': composition(
        '{ api: { port: 1, host: "10.0.0.1" }, siteId: "base", production: { log: "warn" } }',
      ),
      'heldar.config.ts': composition(
        '{ extends: "./base.ts", log: "debug", api: { port: 2 }, production: { api: { port: 3 } } }',
      ),
    };
    const { settings, provenance, folder } = await load(files, { env: { HELDAR_API_PORT: '4' } });
    expect(settings).toMatchObject({ siteId: 'base', log: 'warn', api: { port: 4, host: '10.0.0.1' } });
    const file = `${folder}/heldar.config.ts`;
    expect(provenance.get('api.port')).toEqual({
      value: 4,
      origin: { kind: 'variable', name: 'HELDAR_API_PORT', file: null, line: null },
      replaced: [
        { value: 3, origin: { kind: 'composition', file, keys: ['production', 'api', 'port'] } },
        { value: 2, origin: { kind: 'composition', file, keys: ['api', 'port'] } },
        { value: 1, origin: { kind: 'composition', file: `${folder}/base.ts`, keys: ['api', 'port'] } },
        { value: 8000, origin: { kind: 'default' } },
      ],
    });
  });

  test('a folder in a composition is relative to that file, in a variable to the working directory', async () => {
    const files = {
      'bases/base.ts': composition('{ dataDir: "./store", recordingsDir: "rec" }'),
      'heldar.config.ts': composition('{ extends: "./bases/base.ts" }'),
    };
    const { settings, folder } = await load(files, { env: { HELDAR_RECORDINGS_DIR: 'disk' } });
    expect(settings.dataDir).toBe(`${folder}/bases/store`);
    expect(settings.recordingsDir).toBe(`${folder}/disk`);
  });

  test('the section is that of NODE_ENV, else production unless the command says otherwise', async () => {
    const files = {
      'heldar.config.ts': composition(
        '{ development: { siteId: "d" }, production: { siteId: "p" }, test: { siteId: "t" } }',
      ),
    };
    const siteId = async (options: Partial<LoadConfigOptions>) =>
      (await load(files, options)).settings.siteId;
    expect(await siteId({})).toBe('p');
    expect(await siteId({ defaultEnvironment: 'development' })).toBe('d');
    expect(await siteId({ env: { NODE_ENV: 'test' }, defaultEnvironment: 'development' })).toBe('t');
    expect(await siteId({ env: { NODE_ENV: 'test' }, environment: 'production' })).toBe('p');
  });

  test('of a .env file count like variables, and are named with their line', async () => {
    const files = { '.env': '\nHELDAR_API_PORT=7000\nNODE_ENV=development\n', 'sub/file': '' };
    using folder = folderWith({
      ...files,
      'heldar.config.ts': composition('{ development: { siteId: "d" } }'),
    });
    const { settings, provenance } = await loadConfig({ cwd: folder.file('sub'), env: {} });
    expect(settings).toMatchObject({ api: { port: 7000 }, siteId: 'd' });
    expect(provenance.get('api.port')?.origin).toEqual({
      kind: 'variable',
      name: 'HELDAR_API_PORT',
      file: folder.file('.env'),
      line: 2,
    });
  });

  test('a blank variable counts as unset', async () => {
    const { settings } = await load({}, { env: { HELDAR_API_PORT: ' ', HELDAR_SITE_ID: '' } });
    expect(settings).toMatchObject({ api: { port: 8000 }, siteId: null });
  });

  test('a program can hand in a composition', async () => {
    const config: HeldarConfig = { dataDir: 'd', api: { port: 0 } };
    const { settings, layers } = await loadConfig({ cwd: '/site', env: {}, envFile: false, config });
    expect(settings).toMatchObject({ dataDir: '/site/d', api: { port: 0 } });
    expect(layers).toMatchObject([{ file: null }]);
  });

  test('every variable is known once, and has a row of its own', () => {
    const variables = settingPaths.map((path) => settingAt(path).variable);
    expect(new Set(variables).size).toBe(variables.length);
  });
});

describe('what is wrong', () => {
  test('is told all at once, each with its place and what is expected', async () => {
    const files = {
      '.env': 'A=1\nHELDAR_AI_ENABLED=maybe\n',
      'heldar.config.ts': composition(`{
  api: { port: '8000' },
  plugin: [],
}`),
    };
    expect(await failure(files, { env: { HELDAR_DATABASE_URL: 'postgres://me:secret@db/heldar' } })).toBe(
      `the configuration has 4 problems
  plugin: no such setting
    heldar.config.ts:5:11
    5 │   plugin: [],
      │           ^^
  next: did you mean plugins?
  api.port: expected a whole number from 0 to 65535, got "8000"
    heldar.config.ts:4:16
    4 │   api: { port: '8000' },
      │                ^^^^^^
  HELDAR_DATABASE_URL: expected sqlite://<path> (only SQLite is supported), got "postgres://***@db/heldar"
    in the environment
  HELDAR_AI_ENABLED: expected true or false (also 1/0, yes/no, on/off), got "maybe"
    .env:2`,
    );
  });

  test.each([
    ['{ api: 1 }', 'api: expected an object'],
    ['{ api: { prot: 1 } }', 'api.prot: no such setting'],
    ['{ plugins: {} }', 'plugins: expected a list'],
    ['{ plugins: [7] }', 'plugins.0: expected the name of a package, a path'],
    ['{ disable: "zones" }', 'disable: expected a list of texts'],
    ['{ extends: 1 }', 'extends: expected a list of texts'],
    ['{ test: { extends: "x" } }', 'test.extends: no such setting'],
    [
      '{ test: { plugins: { zones: true } } }',
      'test.plugins.zones: expected false or an object with options',
    ],
    ['{ test: { api: { port: -1 } } }', 'test.api.port: expected a whole number'],
  ])('a composition %s is refused', async (body, text) => {
    const files = { 'heldar.config.js': composition(body) };
    expect(await failure(files, { environment: 'test' })).toContain(text);
  });

  test('a section of another environment is checked for its shape too', async () => {
    expect(await failure({ 'heldar.config.ts': composition('{ test: { prot: 1 } }') })).toContain(
      'test.prot',
    );
  });

  test('an unknown environment is refused', async () => {
    expect(await failure({}, { environment: 'staging' })).toContain('development, production, test');
  });
});

describe('what is probably not meant', () => {
  test('an unknown variable is named without its value', async () => {
    const { warnings } = await load(
      {},
      { env: { HELDAR_API_PROT: '5', HELDAR_BACKUP_ENABLED: 'secret', HOME: '/' } },
    );
    expect(warnings).toEqual([
      'HELDAR_API_PROT is set, but this version has no such setting; did you mean HELDAR_API_PORT?',
      'HELDAR_BACKUP_ENABLED is set, but this version has no such setting.',
    ]);
  });

  test('a server that others can reach is pointed out', async () => {
    const { warnings } = await load({}, { env: { HELDAR_API_HOST: '0.0.0.0' } });
    expect(warnings).toEqual([expect.stringContaining('Whoever can reach 0.0.0.0:8000')]);
  });

  test('a NODE_ENV without a section is pointed out', async () => {
    const { warnings } = await load({}, { env: { NODE_ENV: 'staging' } });
    expect(warnings).toEqual([expect.stringContaining('NODE_ENV is staging')]);
  });
});

describe('a composition', () => {
  test('is found in the working directory or its nearest parent', async () => {
    using folder = folderWith({ 'a/heldar.config.mjs': 'export default { siteId: "a" }', 'a/b/file': '' });
    const { settings } = await loadConfig({ cwd: folder.file('a/b'), env: {} });
    expect(settings.siteId).toBe('a');
  });

  test('that is named but missing is an error', async () => {
    expect(await failure({}, { file: 'site.ts' })).toBe('there is no composition site.ts');
  });

  test('may extend a chain, a list and a package; a shared base counts once and lowest', async () => {
    const { layers, settings, folder } = await load({
      'heldar.config.ts': composition('{ extends: ["./one.ts", "@acme/base/site"], siteId: "top" }'),
      'one.ts': composition('{ extends: "./root.ts", log: "warn" }'),
      'root.ts': composition('{ log: "error", siteId: "root" }'),
      'node_modules/@acme/base/package.json':
        '{ "name": "@acme/base", "type": "module", "exports": { "./site": { "import": "./site.js" } } }',
      'node_modules/@acme/base/site.js': 'export default { api: { port: 5 }, extends: "../../../root.ts" };',
    });
    expect(layers.map(({ file }) => file?.slice(folder.length + 1))).toEqual([
      'root.ts',
      'one.ts',
      'node_modules/@acme/base/site.js',
      'heldar.config.ts',
    ]);
    expect(settings).toMatchObject({ siteId: 'top', log: 'warn', api: { port: 5 } });
  });

  test('that extends itself is refused with the way round', async () => {
    const files = {
      'heldar.config.ts': composition('{ extends: "./a.ts" }'),
      'a.ts': composition('{ extends: ["./b.ts"] }'),
      'b.ts': composition('{ extends: "./a.ts" }'),
    };
    expect(await failure(files)).toBe(`extends: a composition extends itself: a.ts → b.ts → a.ts
    b.ts:3:40
    3 │ export default defineConfig({ extends: "./a.ts" });
      │                                        ^^^^^^^^`);
  });

  test('that extends something missing is refused with its place', async () => {
    const files = {
      'heldar.config.ts': composition('{ extends: ["./b.ts", "@acme/none"] }'),
      'b.ts': composition('{}'),
    };
    expect(await failure(files)).toBe(`extends: cannot find "@acme/none"
    heldar.config.ts:3:51
    3 │ export default defineConfig({ extends: ["./b.ts", "@acme/none"] });
      │                                                   ^^^^^^^^^^^^`);
  });

  test.each(['export const a = 1;', 'export default 7;', 'export default [];'])(
    'has to be exported: %s is refused',
    async (source) => {
      expect(await failure({ 'heldar.config.ts': source })).toContain(
        'heldar.config.ts exports no composition',
      );
    },
  );
});
