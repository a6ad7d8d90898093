/** Does a package come into a site only as far as somebody agreed to, and does a later version that asks for more stay out? */
import { execFileSync } from 'node:child_process';
import { appendFileSync, cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from './folder-with.ts';
import { runHeldar, startHeldar } from './heldar-command.ts';

const packageJson = (version: string, heldar: object) =>
  JSON.stringify({
    name: '@acme/heldar-ppe',
    version,
    type: 'module',
    exports: './index.js',
    files: ['index.js', 'migrations'],
    heldar: { name: 'ppe', release: ['0001_seen.sql'], ...heldar },
    // Optional, so that no package manager looks for it in a registry.
    peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
    peerDependenciesMeta: { '@heldar/plugin-sdk': { optional: true } },
    scripts: { postinstall: 'touch ../../../script-ran' },
  });

const code = (capabilities: string) => `import { definePlugin, z } from '@heldar/plugin-sdk';
console.error('the code of ppe runs');
export default definePlugin({
  name: 'ppe',
  config: z.object({ limit: z.int().default(3) }),
  capabilities: ${capabilities},
  migrations: './migrations',
  setup: () => ({}),
});
`;

const migration = 'create table ppe_seen (id text primary key);\n';
const version = (number: string, capabilities: string, heldar: object) => ({
  [`ppe-${number}/package.json`]: packageJson(number, heldar),
  [`ppe-${number}/index.js`]: code(capabilities),
  [`ppe-${number}/migrations/0001_seen.sql`]: migration,
});

const composition = `/** The gate. */
import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  api: { port: 0 }, // any
  plugins: [
    './own/index.js', // ours
  ],
});
`;

/** Where the tarballs lie. */
let packed: TemporaryFolder;

beforeAll(() => {
  packed = folderWith({
    ...version('1.0.0', `['events:emit']`, { capabilities: ['events:emit'] }),
    ...version('1.1.0', `['events:emit', 'http:outbound']`, {
      capabilities: ['events:emit', 'http:outbound'],
    }),
    ...version('1.2.0', `['events:emit', 'services:call']`, {}),
  });
  const versions = ['1.0.0', '1.1.0', '1.2.0'].map((number) => packed.file(`ppe-${number}`));
  npm(packed.path, 'pack', '--ignore-scripts', ...versions);
});
afterAll(() => packed[Symbol.dispose]());

/** The site is a project of its own in it; above it lies the SDK. */
let folder: TemporaryFolder;
let site: string;

beforeEach(() => {
  folder = folderWith({
    'site/package.json': '{ "name": "site", "private": true, "type": "module" }',
    'site/heldar.config.ts': composition,
    'site/own/package.json':
      '{ "name": "own", "type": "module", "heldar": { "name": "own" }, "peerDependencies": { "@heldar/plugin-sdk": "*" } }',
    'site/own/index.js': `import { definePlugin } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: 'own', setup: () => ({}) });\n`,
  });
  site = folder.file('site');
});
afterEach(() => folder[Symbol.dispose]());

/** Nothing is asked of a registry. */
const offline = { npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
const heldar = (...args: string[]) => runHeldar(site, args, offline);
const read = (name: string) => readFileSync(join(site, name), 'utf8');
const locked = () =>
  (JSON.parse(read('heldar.lock')) as { plugins: Record<string, Record<string, unknown>> }).plugins;

const tarball = (number: string) => packed.file(`acme-heldar-ppe-${number}.tgz`);
const install = (number: string) => npm(site, 'install', '--ignore-scripts', tarball(number));
/** As a package manager would leave it, in no time. */
const place = (number: string) =>
  cpSync(packed.file(`ppe-${number}`), join(site, 'node_modules/@acme/heldar-ppe'), { recursive: true });

function npm(cwd: string, ...args: string[]): void {
  execFileSync('npm', args, { cwd, env: { ...process.env, ...offline }, stdio: 'ignore' });
}

describe('a package', () => {
  test('is told with all it asks for before its code runs, and nothing is written without a yes', async () => {
    const { code: ended, out, err } = await heldar('plugin', 'add', tarball('1.0.0'));
    expect(ended).toBe(2);
    expect(out).toContain('ppe 1.0.0\n');
    expect(out).toContain('events:emit: puts events of its own into the journal');
    expect(out).toContain('ppe_…');
    expect(out).toContain('0001_seen');
    expect(err).toContain('heldar.config.ts is as it was; the package stays installed');
    expect(err).toContain('next: read the above, then run the same with --yes');
    expect(err).not.toContain('the code of ppe runs');
    expect(read('heldar.config.ts')).toBe(composition);
    expect(existsSync(join(site, 'heldar.lock'))).toBe(false);
  });

  // A dozen processes one after the other.
  test(
    'is added with its options, locked, runs; one that asks for more stays out until it is accepted',
    { timeout: 180_000 },
    async () => {
      const added = await heldar('plugin', 'add', tarball('1.0.0'), '--config', 'limit=4', '--yes');
      expect(added.code, added.err).toBe(0);
      expect(added.out).toContain(
        'ppe 1.0.0 is added: heldar.config.ts:8, heldar.lock; it runs from the next start on\n',
      );
      expect(existsSync(join(site, 'script-ran'))).toBe(false);
      expect(read('heldar.config.ts')).toBe(
        composition
          .replace('{ defineConfig }', '{ defineConfig, use }')
          .replace('// ours\n', `// ours\n    use(() => import('@acme/heldar-ppe'), { limit: 4 }),\n`),
      );
      expect(locked()).toMatchObject({
        own: { specifier: './own/index.js', workspace: true, capabilities: [] },
        ppe: {
          specifier: '@acme/heldar-ppe',
          version: '1.0.0',
          integrity: expect.stringMatching(/^sha512-/),
          capabilities: ['events:emit'],
          tablePrefix: 'ppe_',
          migrations: { 'migrations/0001_seen.sql': expect.stringMatching(/^[0-9a-f]{64}$/) },
        },
      });
      const again = await heldar('plugin', 'add', '@acme/heldar-ppe', '--yes');
      expect(again).toMatchObject({
        code: 0,
        err: '',
        out: expect.stringContaining('in the composition already: heldar.config.ts:8'),
      });

      install('1.1.0');
      {
        await using running = await startHeldar(site);
        expect(await statesOf(running)).toEqual({ own: 'running', ppe: 'failed' });
        const said = running.lines.join('\n');
        expect(said).toContain('its version was 1.0.0 and is now 1.1.0');
        expect(said).toContain('capability http:outbound is new');
        expect(said).toContain('heldar plugin accept ppe');
        expect(said).toContain('"stage":"pre-flight"');
        const reloaded = await running.call('POST', '/api/v1/admin/plugins/ppe/reload');
        expect(JSON.stringify(reloaded.body)).toContain('capability http:outbound is new');
        expect(await statesOf(running)).toEqual({ own: 'running', ppe: 'failed' });
        expect(running.lines.join('\n')).not.toContain('the code of ppe runs');
      }
      const migrations = await heldar('migrate', 'status');
      expect(migrations.err).not.toContain('the code of ppe runs');
      const looked = await heldar('doctor');
      expect(looked.out).toContain('✖ plugin ppe 1.1.0: it is not what heldar.lock says');
      expect(looked.out).toContain('heldar.lock: 1 of 2 plugins are what was agreed to');
      const accepted = await heldar('plugin', 'accept', 'ppe');
      expect(accepted.out).toBe(
        'ppe\n  + its version was 1.0.0 and is now 1.1.0\n  + capability http:outbound is new\nppe 1.1.0 is accepted: heldar.lock; it runs from the next start or reload on\n',
      );
      await using running = await startHeldar(site);
      expect(await statesOf(running)).toEqual({ own: 'running', ppe: 'running' });

      appendFileSync(join(site, 'node_modules/@acme/heldar-ppe/index.js'), '// meddled with\n');
      const reloaded = await running.call('POST', '/api/v1/admin/plugins/ppe/reload');
      expect(JSON.stringify(reloaded.body)).toContain(
        'its files are not those of version 1.1.0 that were locked',
      );
      expect(await statesOf(running)).toEqual({ own: 'running', ppe: 'running' });
    },
  );

  test('whose package.json does not declare its capabilities is compared before its setup', async () => {
    place('1.2.0');
    expect((await heldar('plugin', 'add', '@acme/heldar-ppe', '--yes')).out).toContain(
      'services:call: calls services',
    );
    const plugins = locked();
    writeFileSync(
      join(site, 'heldar.lock'),
      JSON.stringify({
        lockVersion: 1,
        plugins: { ...plugins, ppe: { ...plugins['ppe'], capabilities: ['events:emit'] } },
      }),
    );
    const { out } = await heldar('plugin', 'list');
    expect(out).toContain('✖ ppe: it is not what heldar.lock says: capability services:call is new');
    const relocked = await heldar('plugin', 'lock');
    expect(relocked).toMatchObject({
      code: 2,
      out: expect.stringContaining('ppe: it is not what heldar.lock says'),
    });
    expect((await heldar('plugin', 'lock', '--yes')).out).toContain('heldar.lock names 2 plugins');
    expect(locked()).toEqual(plugins);
  });

  test('that cannot start with this composition leaves it byte for byte as it was', async () => {
    place('1.0.0');
    const { code: ended, err } = await heldar(
      'plugin',
      'add',
      '@acme/heldar-ppe',
      '--json',
      '{"limit":"many"}',
      '--yes',
    );
    expect(ended).toBe(1);
    expect(err).toContain('ppe could not start: config.limit: expected number, got "many"');
    expect(err).toContain('give options with --config name=value; there are limit (integer)');
    expect(read('heldar.config.ts')).toBe(composition);
    expect(existsSync(join(site, 'heldar.lock'))).toBe(false);
  });

  test('that is not there and may not be installed comes with the command that installs it', async () => {
    expect(await heldar('plugin', 'add', '@acme/heldar-ppe', '--no-install')).toEqual({
      code: 1,
      out: '',
      err: `✖ @acme/heldar-ppe is not installed\n  next: npm i @acme/heldar-ppe --ignore-scripts, in ${site}\n`,
    });
  });
});

describe('a composition', () => {
  test('that computes its plugins is left alone: the line to add and its place are told', async () => {
    const computed = composition.replace('plugins: [', 'plugins: [].concat([').replace('  ],', '  ]),');
    writeFileSync(join(site, 'heldar.config.ts'), computed);
    place('1.0.0');
    const { code: ended, err } = await heldar('plugin', 'add', '@acme/heldar-ppe', '--yes');
    expect(ended).toBe(1);
    expect(err).toContain(
      'the list of plugins is computed at heldar.config.ts:6:12, so heldar.config.ts is as it was',
    );
    expect(err).toContain(`    use(() => import('@acme/heldar-ppe')),\n`);
    expect(read('heldar.config.ts')).toBe(computed);
  });

  test('gets back its bytes and its lock when the plugin is removed, and what is left is told', async () => {
    await heldar('plugin', 'lock');
    const lock = read('heldar.lock');
    place('1.0.0');
    await heldar('plugin', 'add', '@acme/heldar-ppe', '--yes');
    const { code: ended, out } = await heldar('plugin', 'remove', 'ppe');
    expect(ended).toBe(0);
    expect(out).toContain('ppe is removed from heldar.config.ts and heldar.lock\n');
    expect(out).toContain('npm uninstall @acme/heldar-ppe');
    expect(out).toContain('heldar migrate uninstall ppe --yes');
    expect(read('heldar.config.ts')).toBe(composition);
    expect(read('heldar.lock')).toBe(lock);
    expect(await heldar('plugin', 'remove', 'ppe')).toMatchObject({
      code: 2,
      err: `✖ the composition has no plugin 'ppe'; it has own\n`,
    });
  });

  test('keeps a plugin that its base names, and one that another plugin requires', async () => {
    const needing = read('own/package.json').replace(
      '"name": "own" }',
      '"name": "own", "requires": { "ppe": "*" } }',
    );
    writeFileSync(join(site, 'own/package.json'), needing);
    place('1.0.0');
    writeFileSync(join(site, 'base.ts'), `export default { plugins: ['./own/index.js'] };\n`);
    const config = `export default { extends: './base.ts', plugins: ['@acme/heldar-ppe'] };\n`;
    writeFileSync(join(site, 'heldar.config.ts'), config);
    expect(await heldar('plugin', 'remove', 'ppe')).toMatchObject({
      code: 1,
      err: '✖ own requires ppe; heldar.config.ts is as it was\n  next: heldar plugin remove own first\n',
    });
    expect(await heldar('plugin', 'remove', 'own')).toMatchObject({
      code: 1,
      err: `✖ own is named by base.ts:1, which heldar.config.ts extends\n  next: switch it off in heldar.config.ts: disable: ['own']\n`,
    });
    expect(read('heldar.config.ts')).toBe(config);
  });

  test('takes a folder of the site by its file', async () => {
    writeFileSync(join(site, 'heldar.config.ts'), `export default {};\n`);
    expect((await heldar('plugin', 'add', './own', '--yes')).err).toContain('nothing can be imported from');
    expect((await heldar('plugin', 'add', './own/index.js', '--yes')).code).toBe(0);
    expect(read('heldar.config.ts')).toBe(
      `import { use } from '@heldar/plugin-sdk';\n\nexport default { plugins: [use(() => import('./own/index.js'))] };\n`,
    );
  });
});

async function statesOf(running: { call(method: string, path: string): Promise<{ body: unknown }> }) {
  const { body } = await running.call('GET', '/api/v1/plugins');
  return Object.fromEntries(
    (body as { name: string; state: string }[]).map(({ name, state }) => [name, state]),
  );
}
