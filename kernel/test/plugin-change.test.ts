/** Does an operator at the command line change the plugins of a running kernel, and does the composition change only when asked to? */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { folderWith } from './folder-with.ts';
import { runHeldar, startHeldar } from './heldar-command.ts';

const greeter = (greeting: string) => `import { definePlugin, route, z } from '@heldar/plugin-sdk';
export default definePlugin({
  name: 'greeter',
  setup: () => ({
    routes: [route.get('/', { capability: 'view', scope: { none: 'a test' }, output: z.string(), handle: () => '${greeting}' })],
  }),
});
`;
const manifest = (version: string) =>
  JSON.stringify({
    name: 'heldar-greeter',
    version,
    type: 'module',
    exports: './index.js',
    heldar: { name: 'greeter', capabilities: [] },
    peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
    peerDependenciesMeta: { '@heldar/plugin-sdk': { optional: true } },
  });
const composition = `export default {
  plugins: ['./greeter/index.js'], // the only one
};
`;

test('reload, disable and enable, told in a line; --write keeps it for the next start', async () => {
  using folder = folderWith({
    'heldar.config.ts': composition,
    'greeter/package.json': manifest('1.0.0'),
    'greeter/index.js': greeter('hello'),
  });
  const read = () => readFileSync(folder.file('heldar.config.ts'), 'utf8');
  {
    await using kernel = await startHeldar(folder.path);
    const heldar = (...args: string[]) => runHeldar(folder.path, [...args, '--url', kernel.origin]);
    const says = async () => (await kernel.call('GET', '/api/v1/plugins/greeter')).body;

    writeFileSync(folder.file('greeter/index.js'), greeter('good evening'));
    expect(await heldar('reload', 'greeter')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^greeter is reloaded, in [\d.]+ ms\n$/) as string,
    });
    expect(await says()).toBe('good evening');

    writeFileSync(folder.file('greeter/index.js'), 'export default 3;\n');
    const refused = await heldar('plugin', 'reload', 'greeter');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/has no default export made by definePlugin.*what ran before serves on/);
    expect(await says()).toBe('good evening');

    expect((await heldar('plugin', 'disable', 'greeter')).out).toMatch(
      /^greeter is stopped, in [\d.]+ ms\nthe next start runs it again; to keep it off: heldar plugin disable greeter --write\n$/,
    );
    expect(read()).toBe(composition);
    expect((await heldar('plugin', 'disable', 'greeter', '--write')).out).toBe(
      'greeter is as it was\nheldar.config.ts says so from now on\n',
    );
    expect(read()).toBe(
      composition.replace('// the only one\n', `// the only one\n  disable: ['greeter'],\n`),
    );
    writeFileSync(folder.file('greeter/index.js'), greeter('back again'));
    expect((await heldar('plugin', 'enable', 'greeter')).out).toMatch(/^greeter is started/);
    expect(await says()).toBe('back again');
    expect((await heldar('plugin', 'disable', 'nobody')).err).toContain('there is no plugin nobody here');
  }
  await using kernel = await startHeldar(folder.path);
  expect((await kernel.call('GET', '/api/v1/plugins')).body).toMatchObject([
    { name: 'greeter', state: 'disabled' },
  ]);
});

test('a plugin whose code threw when it was first loaded runs once it is mended, its other modules too', async () => {
  using folder = folderWith({
    'heldar.config.ts': composition,
    'greeter/package.json': manifest('1.0.0'),
    'greeter/index.js': greeter('hello').replace(/^/, `import './licence.js';\n`),
    'greeter/licence.js': `throw new Error('no licence');\n`,
  });
  await using kernel = await startHeldar(folder.path);
  const heldar = (...args: string[]) => runHeldar(folder.path, [...args, '--url', kernel.origin]);
  expect((await kernel.call('GET', '/api/v1/plugins')).body).toMatchObject([
    { state: 'failed', error: { stage: 'import', reason: expect.stringContaining('no licence') as string } },
  ]);
  writeFileSync(folder.file('greeter/licence.js'), `throw new Error('still no licence');\n`);
  expect((await heldar('reload', 'greeter')).err).toContain('still no licence');
  writeFileSync(folder.file('greeter/licence.js'), 'export {};\n');
  expect((await heldar('plugin', 'enable', 'greeter')).out).toMatch(/^greeter is started/);
  expect((await kernel.call('GET', '/api/v1/plugins/greeter')).body).toBe('hello');
});

test(
  'an upgrade that is not healthy is taken back: the old code serves, the old package and the old lock are there',
  { timeout: 180_000 },
  async () => {
    using folder = folderWith({
      'site/package.json': '{ "name": "site", "private": true, "type": "module" }',
      'site/heldar.config.ts': `export default { plugins: ['heldar-greeter'] };\n`,
      'one/package.json': manifest('1.0.0'),
      'one/index.js': greeter('one'),
      'two/package.json': manifest('2.0.0').replace('./index.js', './new/main.js'),
      'two/new/main.js': greeter('two'),
      'bad/package.json': manifest('3.0.0'),
      'bad/index.js': greeter('three').replace(
        'setup: () => ({',
        `setup: () => ({ health: () => ({ ok: false, detail: 'no licence' }),`,
      ),
    });
    const site = folder.file('site');
    const offline = { npm_config_offline: 'true', npm_config_audit: 'false', npm_config_fund: 'false' };
    const npm = (cwd: string, ...args: string[]) =>
      execFileSync('npm', args, { cwd, env: { ...process.env, ...offline }, stdio: 'ignore' });
    npm(folder.path, 'pack', '--ignore-scripts', './one', './two', './bad');
    const tarball = (version: string) => folder.file(`heldar-greeter-${version}.tgz`);
    npm(site, 'install', '--ignore-scripts', tarball('1.0.0'));
    const installed = () =>
      (
        JSON.parse(readFileSync(join(site, 'node_modules/heldar-greeter/package.json'), 'utf8')) as {
          version: string;
        }
      ).version;
    expect((await runHeldar(site, ['plugin', 'lock', '--yes'])).code).toBe(0);
    const locked = () => readFileSync(join(site, 'heldar.lock'), 'utf8');

    await using kernel = await startHeldar(site);
    const upgrade = (version: string) =>
      runHeldar(site, ['plugin', 'upgrade', 'greeter', tarball(version), '--url', kernel.origin], offline);
    const says = async () => (await kernel.call('GET', '/api/v1/plugins/greeter')).body;
    const upgraded = await upgrade('2.0.0');
    expect({ code: upgraded.code, err: upgraded.err.includes('✖') }, upgraded.err).toEqual({
      code: 0,
      err: false,
    });
    expect(upgraded.out).toMatch(/greeter 1\.0\.0 → 2\.0\.0 serves, in [\d.]+ ms\n$/);
    expect(await says()).toBe('two');
    expect(locked()).toContain('2.0.0');

    const before = locked();
    const refused = await upgrade('3.0.0');
    expect(refused.code).toBe(1);
    expect(refused.err).toMatch(/no licence/);
    expect(refused.err).toMatch(/greeter 2\.0\.0 is installed again\n$/);
    expect(await says()).toBe('two');
    expect(installed()).toBe('2.0.0');
    expect(locked()).toBe(before);
    expect((await kernel.call('GET', '/api/v1/plugins')).body).toMatchObject([
      { version: '2.0.0', state: 'running', generation: 2 },
    ]);
  },
);
