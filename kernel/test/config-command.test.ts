import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { folderWith } from './folder-with.ts';

const bin = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));
const root = fileURLToPath(new URL('../../', import.meta.url));

interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command itself, from the sources, with nothing in the environment but the PATH and `env`. */
function heldar(cwd: string, args: readonly string[], env: Record<string, string> = {}): Promise<Outcome> {
  const argv = ['--conditions=heldar-source', bin, ...args];
  return new Promise((settle) => {
    execFile(process.execPath, argv, { cwd, env: { PATH: process.env['PATH'], ...env } }, (error, out, err) =>
      settle({ code: error ? Number(error.code) : 0, out, err }),
    );
  });
}

const composition = (body: string) =>
  `import { defineConfig, use } from '@heldar/plugin-sdk';\n\nexport default defineConfig(${body});\n`;

describe('heldar config', () => {
  test('prints every value with its origin, and with --explain what it replaced', async () => {
    using folder = folderWith({
      '.env': 'HELDAR_API_PORT=9000\n',
      'base.ts': composition(`{ siteId: 'base', plugins: [use(() => import('@heldar/plugin-zones'))] }`),
      'heldar.config.ts': composition(`{
  extends: './base.ts',
  api: { port: 80 },
  plugins: [
    use(() => import('./parking/index.ts'), { graceMinutes: 10, password: 'hunter2' }),
    './gate',
  ],
  disable: ['gate'],
  production: { plugins: { parking: { graceMinutes: 30 } } },
}`),
      'parking/package.json': '{ "name": "p", "type": "module", "heldar": { "name": "parking" } }',
      'parking/index.ts': 'throw new Error("loaded only when it is started");',
      'gate/package.json':
        '{ "name": "g", "type": "module", "exports": "./i.js", "heldar": { "name": "gate" } }',
      'gate/i.js': 'throw new Error("loaded only when it is started");',
    });
    const { code, out, err } = await heldar(folder.path, ['config', '--explain'], {
      HELDAR_DEFAULT_AI_FPS: '99',
    });
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('hunter2');
    const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/));
    expect(rows).toEqual(
      expect.arrayContaining([
        ['composition', 'heldar.config.ts over base.ts'],
        ['environment', 'production'],
        ['variables', 'the environment, then .env'],
        ['ai.defaultFps', '30', 'HELDAR_DEFAULT_AI_FPS (lowered from 99, the most is 30)'],
        ['api.port', '9000', 'HELDAR_API_PORT (.env:1)'],
        ['replaced 80', 'heldar.config.ts:5'],
        ['replaced 8000', 'default'],
        ['dataDir', `"${folder.path}/data"`, 'default'],
        ['framesDir', `"${folder.path}/data/frames"`, 'default, in dataDir'],
        ['siteId', '"base"', 'base.ts:3'],
        ['zones', '@heldar/plugin-zones', 'base.ts:3'],
        ['parking', './parking/index.ts', 'heldar.config.ts:7'],
        ['graceMinutes', '30', 'heldar.config.ts:11'],
        ['replaced 10', 'heldar.config.ts:7'],
        ['password', '***', 'heldar.config.ts:7'],
        ['gate', 'off', 'heldar.config.ts:10'],
      ]),
    );
  });

  test('without --explain prints one line a value', async () => {
    using folder = folderWith({ 'site.ts': composition(`{ api: { port: 80 }, test: { siteId: 't' } }`) });
    const { out } = await heldar(folder.path, ['config', '--config', 'site.ts', '--env', 'test']);
    expect(out).toMatch(/^api\.port +80 +site\.ts:3$/m);
    expect(out).toMatch(/^siteId +"t" +site\.ts:3$/m);
    expect(out).toMatch(/^no plugins$/m);
    expect(out).not.toContain('replaced');
  });

  test('ends with 1 and the place of what is wrong', async () => {
    using folder = folderWith({ 'heldar.config.ts': composition(`{ api: { port: '80' } }`) });
    expect(await heldar(folder.path, ['config'])).toEqual({
      code: 1,
      out: '',
      err: `✖ the configuration has a problem
  api.port: expected a whole number from 0 to 65535, got "80"
    heldar.config.ts:3:44
    3 │ export default defineConfig({ api: { port: '80' } });
      │                                            ^^^^
`,
    });
  });

  test.each([
    ['that throws', "\nthrow new Error('no disk');\n", 'no disk', 'heldar.config.ts:2:7'],
    ['with a syntax error', 'export default {\n  api: {{,\n};\n', 'Unexpected token', 'heldar.config.ts:2:'],
    [
      'with more than types',
      'enum A { a }\nexport default {};\n',
      'enum is not supported',
      'heldar.config.ts:1:',
    ],
    ['whose import throws', "import './inner.ts';\n", 'no network', 'inner.ts:1:7'],
    ['whose import is missing', "import './none.ts';\n", 'none.ts', 'imported from'],
  ])('tells what and where in a composition %s', async (_, source, text, place) => {
    using folder = folderWith({ 'heldar.config.ts': source, 'inner.ts': "throw new Error('no network');\n" });
    const { code, err } = await heldar(folder.path, ['config']);
    expect(code).toBe(1);
    expect(err).toMatch(/^✖ heldar\.config\.ts cannot be loaded: /);
    expect(err).toContain(text);
    expect(err).toContain(place);
    expect(err).not.toContain('    at ');
  });
});

describe('the compositions of this project', () => {
  test.each([
    ['heldar.config.ts', 'production', ['zones @heldar/plugin-zones']],
    ['examples/compositions/base.ts', 'production', ['zones @heldar/plugin-zones']],
    [
      'examples/compositions/shop.ts',
      'production',
      [
        'zones @heldar/plugin-zones',
        'eventRetentionHours 24',
        'hello ../hello-plugin/src/index.ts',
        'greeting "Welcome"',
      ],
    ],
    ['examples/compositions/shop.ts', 'development', ['greeting "Welcome to the test shop"', 'log "debug"']],
    ['examples/compositions/car-park.ts', 'production', ['hello off', 'eventRetentionHours 720']],
    ['examples/compositions/car-park.ts', 'test', ['hello @heldar/example-hello', 'greeting "Good day"']],
  ])('%s loads for %s', async (file, environment, expected) => {
    const { code, out, err } = await heldar(root, ['config', '--config', file, '--env', environment]);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    const rows = out.split('\n').map((line) => line.trim().split(/ {2,}/).slice(0, 2).join(' '));
    expect(rows).toEqual(expect.arrayContaining(expected));
    expect(out).not.toContain('(known once loaded)');
  });
});

describe('the heldar command', () => {
  test('ends with 2 when it is used wrongly, with 0 for help and version', async () => {
    using folder = folderWith({});
    const unknown = await heldar(folder.path, ['confgi']);
    expect(unknown).toMatchObject({ code: 2, err: expect.stringContaining("unknown command 'confgi'") });
    const option = await heldar(folder.path, ['config', '--nope']);
    expect(option).toMatchObject({ code: 2, err: expect.stringContaining("unknown option '--nope'") });
    const environment = await heldar(folder.path, ['config', '--env', 'staging']);
    expect(environment).toMatchObject({ code: 2, err: expect.stringContaining('got staging') });
    expect(await heldar(folder.path, ['--help'])).toMatchObject({
      code: 0,
      out: expect.stringContaining('config'),
    });
    const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as {
      version: string;
    };
    expect(await heldar(folder.path, ['--version'])).toEqual({ code: 0, out: `${version}\n`, err: '' });
  });

  test('under an older Node says how to start it right, and imports nothing', async () => {
    using folder = folderWith({
      // What the entry sees of a Node is its version: the rest of this process is a newer one.
      'old.mjs': `Object.defineProperty(process.versions, 'node', { value: '20.20.2' });`,
    });
    const argv = ['--import', folder.file('old.mjs'), bin, 'config'];
    const outcome = await new Promise<Outcome>((settle) => {
      execFile(process.execPath, argv, { cwd: folder.path }, (error, out, err) =>
        settle({ code: Number(error?.code ?? 0), out, err }),
      );
    });
    expect(outcome).toMatchObject({
      code: 1,
      out: '',
      err: expect.stringMatching(
        /^✖ heldar needs Node 22\.18 or newer; this is 20\.20\.2 .*\n {2}next: `npm start`/,
      ),
    });
  });

  test('without a build says how to make one', async () => {
    using folder = folderWith({ 'bin/heldar.mjs': readFileSync(bin, 'utf8') });
    const outcome = await new Promise<Outcome>((settle) => {
      execFile(process.execPath, [folder.file('bin/heldar.mjs')], (error, out, err) =>
        settle({ code: Number(error?.code ?? 0), out, err }),
      );
    });
    expect(outcome).toMatchObject({ code: 1, err: expect.stringContaining('next: `npm run build`') });
    expect(outcome.err).toContain(folder.file('dist/main.js'));
  });
});
