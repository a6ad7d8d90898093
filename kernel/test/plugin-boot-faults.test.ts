/** Does a plugin that can't start fail alone, and say which plugin, what, where and what to do? */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { fixturePlugin, startSite, type PluginView, type Site } from './site-rig.ts';

/** One broken plugin of the composition. */
interface Broken {
  /** Members of `heldar` in its package.json; the name is added. */
  readonly heldar?: object;
  /** In place of all of its package.json. */
  readonly packageJson?: string;
  readonly api?: string;
  /** Members of definePlugin; the name is added. */
  readonly code?: string;
  /** In place of all of its module. */
  readonly module?: string;
  readonly migration?: string;
  readonly stage: string;
  readonly reason: string | RegExp;
  /** Below its folder; `heldar.config.ts:…` for one in the composition. */
  readonly place: RegExp | null;
  readonly next: string | RegExp;
}

const setup = 'setup: () => ({})';
const mend = 'mend the place named, then start again';

const broken: Readonly<Record<string, Broken>> = {
  'throws-at-import': {
    module: `import { definePlugin } from '@heldar/plugin-sdk';\nthrow new Error('no licence');\n`,
    stage: 'import',
    reason: 'no licence',
    place: /^index\.ts:2:\d+$/,
    next: mend,
  },
  'has-a-syntax-error': {
    module: 'const a = 1;\nconst b = = 2;\n',
    stage: 'import',
    reason: /Unexpected token|Parse/i,
    place: null,
    next: /^mend .*, then start again$/,
  },
  'imports-what-is-not-there': {
    module: `import './helper.ts';\n`,
    stage: 'import',
    reason: /helper/,
    place: null,
    next: /./,
  },
  'exports-nothing': {
    module: 'export const plugin = {};\n',
    stage: 'import',
    reason: './exports-nothing/index.ts has no default export made by definePlugin',
    place: null,
    next: 'write `export default definePlugin({ … })`',
  },
  'is-called-otherwise': {
    module: `import { definePlugin } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: 'other', ${setup} });\n`,
    stage: 'import',
    reason: `name: the code says 'other', its package.json 'is-called-otherwise'`,
    place: null,
    next: 'make them the same',
  },
  'wants-an-unknown-capability': {
    code: `capabilities: ['disk:write'], ${setup}`,
    stage: 'import',
    reason: `capabilities: there is no 'disk:write'`,
    place: null,
    next: /^use events:emit, events:read, /,
  },
  'throws-in-setup': {
    code: `setup() {\n  throw new Error('no lot');\n}`,
    stage: 'setup',
    reason: 'no lot',
    place: /^index\.ts:3:\d+$/,
    next: mend,
  },
  'rejects-in-setup': {
    code: `async setup() {\n  await null;\n  throw new Error('no lot either');\n}`,
    stage: 'setup',
    reason: 'no lot either',
    place: /^index\.ts:4:\d+$/,
    next: mend,
  },
  'hangs-in-setup': {
    code: 'setup: () => new Promise(() => {})',
    stage: 'setup',
    reason: 'hangs-in-setup: setup did not finish within 300 ms',
    place: null,
    next: /^return the contributions at once; /,
  },
  'uses-what-it-has-not-earned': {
    code: `setup(ctx) {\n  ctx.fetch('http://127.0.0.1/');\n  return {};\n}`,
    stage: 'setup',
    reason: `uses-what-it-has-not-earned used ctx.fetch without the capability 'http:outbound'; add it to capabilities in definePlugin`,
    place: /^index\.ts:3:\d+$/,
    next: mend,
  },
  'returns-a-typo': {
    code: 'setup: () => ({ consumer: [] })',
    stage: 'setup',
    reason: `returns-a-typo: setup returned 'consumer', which is no contribution`,
    place: null,
    next: `did you mean 'consumers'?`,
  },
  'forgets-the-scope': {
    code: `setup: () => ({ routes: [{ method: 'GET', path: '/x', definition: { capability: 'view', handle() {} } }] })`,
    stage: 'setup',
    reason: /GET \/api\/v1\/plugins\/forgets-the-scope\/x declares no scope/,
    place: null,
    next: /^mend .*, then start again$/,
  },
  'serves-a-path-twice': {
    code: `setup: () => { const route = { method: 'GET', path: '/x', definition: { capability: 'view', scope: { none: 'a test' }, handle() {} } }; return { routes: [route, route] }; }`,
    stage: 'setup',
    reason: /GET \/api\/v1\/plugins\/serves-a-path-twice\/x is wanted by serves-a-path-twice/,
    place: null,
    next: /^mend .*, then start again$/,
  },
  'takes-a-path-of-the-kernel': {
    heldar: { routes: ['GET /api/v1/cameras/:camera'] },
    code: setup,
    stage: 'pre-flight',
    reason: 'its route GET /api/v1/cameras/:camera is already that of the kernel',
    place: /^package\.json:\d+$/,
    next: 'rename it; routes below /api/v1/plugins/takes-a-path-of-the-kernel never clash',
  },
  'takes-a-path-without-a-grant': {
    heldar: { routes: ['GET /api/v2/mine'] },
    code: setup,
    stage: 'pre-flight',
    reason: 'its route GET /api/v2/mine lies outside /api/v1/plugins/takes-a-path-without-a-grant',
    place: /^package\.json:\d+$/,
    next: /write a path relative to that/,
  },
  'cycle-a': {
    heldar: { requires: { 'cycle-b': '*' } },
    code: setup,
    stage: 'pre-flight',
    reason: 'it requires itself: cycle-a → cycle-b → cycle-a',
    place: /^package\.json:\d+$/,
    next: /^remove one of these from 'heldar.requires' in package.json/,
  },
  'cycle-b': {
    heldar: { requires: { 'cycle-a': '*' } },
    code: setup,
    stage: 'pre-flight',
    reason: 'it requires itself: cycle-a → cycle-b → cycle-a',
    place: /^package\.json:\d+$/,
    next: /^remove one of these/,
  },
  'needs-what-is-not-there': {
    heldar: { requires: { nobody: '^1.0.0' } },
    code: setup,
    stage: 'pre-flight',
    reason: `it requires the plugin 'nobody', which this composition does not name`,
    place: /^package\.json:\d+$/,
    next: `add 'nobody' to the plugins of heldar.config.ts`,
  },
  'needs-a-newer-one': {
    heldar: { requires: { steady: '^2.0.0' } },
    code: setup,
    stage: 'pre-flight',
    reason: 'it requires steady ^2.0.0; this composition has 1.4.0',
    place: /^package\.json:\d+$/,
    next: 'install steady ^2.0.0',
  },
  'needs-a-broken-one': {
    heldar: { requires: { 'throws-in-setup': '*' } },
    code: setup,
    stage: 'start',
    reason: 'it requires throws-in-setup, which does not run: no lot',
    place: null,
    next: 'mend throws-in-setup first',
  },
  'is-made-for-another-kernel': {
    api: '^9.0.0',
    code: setup,
    stage: 'pre-flight',
    reason: /^it needs @heldar\/plugin-sdk \^9\.0\.0; this kernel speaks \d/,
    place: /^package\.json:\d+$/,
    next: /^install a version of it made for/,
  },
  'steady-more': {
    code: setup,
    stage: 'pre-flight',
    reason: 'its tables (steady_more_…) would mix with those of steady (steady_…)',
    place: /^package\.json:\d+$/,
    next: 'give it a name that is no beginning of another',
  },
  log: {
    code: setup,
    stage: 'pre-flight',
    reason: 'its tables (log_…) would mix with those of the kernel (log_labels)',
    place: /^package\.json:\d+$/,
    next: 'give it another name',
  },
  'has-a-broken-package': {
    packageJson: '{\n  "name": "x",\n  "version": "1.0.0",\n}\n',
    code: setup,
    stage: 'manifest',
    reason: /^its package\.json is not JSON: /,
    place: /^package\.json:4$/,
    next: /^correct .*package\.json$/,
  },
  'has-a-typo-in-its-package': {
    heldar: { require: {} },
    code: setup,
    stage: 'manifest',
    reason: /^heldar\.require: there is no such member/,
    place: /^package\.json:\d+$/,
    next: /^correct .*package\.json$/,
  },
  'migrates-badly': {
    code: `migrations: './migrations', ${setup}`,
    migration: 'create table migrates_badly_a (id text);\ncreate tabel migrates_badly_b (id text);\n',
    stage: 'migrations',
    reason: /syntax error/,
    place: /^migrations\/0001_x\.sql:2$/,
    next: /then start again; nothing of it was kept$/,
  },
  'migrates-others': {
    code: `migrations: './migrations', ${setup}`,
    migration: 'create table migrates_others_a (id text);\ndelete from cameras;\n',
    stage: 'migrations',
    reason: 'writes cameras, which is not of migrates-others',
    place: /^migrations\/0001_x\.sql:2$/,
    next: /then start again/,
  },
  'migrates-a-trigger-to-others': {
    code: `migrations: './migrations', ${setup}`,
    migration:
      'create table migrates_a_trigger_to_others_a (id text);\ncreate trigger migrates_a_trigger_to_others_t after insert on migrates_a_trigger_to_others_a begin delete from steady_seen; end;\n',
    stage: 'migrations',
    reason:
      /a trigger on migrates_a_trigger_to_others_a writes steady_seen, which is not of migrates-a-trigger-to-others/,
    place: /^migrations\/0001_x\.sql/,
    next: /then start again/,
  },
  'migrates-a-rollback': {
    code: `migrations: './migrations', ${setup}`,
    migration: `create table migrates_a_rollback_a (id text);\ncreate trigger migrates_a_rollback_t before insert on migrates_a_rollback_a begin select raise(rollback, 'no'); end;\n`,
    stage: 'migrations',
    reason: /a trigger on migrates_a_rollback_a would end the transaction it runs in/,
    place: /^migrations\/0001_x\.sql/,
    next: /then start again/,
  },
  'migrates-a-deferred-key': {
    code: `migrations: './migrations', ${setup}`,
    migration:
      'create table migrates_a_deferred_key_a (id text primary key);\ncreate table migrates_a_deferred_key_b (a text references migrates_a_deferred_key_a (id) deferrable initially deferred);\n',
    stage: 'migrations',
    reason: /the table migrates_a_deferred_key_b has a deferrable foreign key/,
    place: /^migrations\/0001_x\.sql/,
    next: /then start again/,
  },
  'has-wrong-options': {
    code: `config: z.object({ graceMinutes: z.number().int(), password: z.string().min(20) }), ${setup}`,
    stage: 'config',
    reason:
      /^config\.graceMinutes: expected number, got "10"\nconfig\.password: .*, got \*\*\* \(heldar\.config\.ts:\d+:\d+\)$/,
    place: /^heldar\.config\.ts:\d+:\d+$/,
    next: 'correct it in the composition; `heldar inspect has-wrong-options` lists every option',
  },
  'has-a-schema-that-throws': {
    code: `config: z.object({}).transform(() => {\n  throw new Error('in the schema');\n}), ${setup}`,
    stage: 'config',
    reason: 'the schema of its options threw: in the schema',
    place: /^index\.ts:3:\d+$/,
    next: 'mend the schema under `config` in definePlugin',
  },
};

/** Plugins whose names only their modules say: what concerns names is then found behind their import. */
const unnamed = {
  'twin/index.ts': `import { definePlugin } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: 'steady', ${setup} });\n`,
  'switched-off/index.ts': `import { definePlugin } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: 'switched-off', setup() { throw new Error('it ran'); } });\n`,
  'twin/package.json':
    '{ "name": "twin", "type": "module", "peerDependencies": { "@heldar/plugin-sdk": "*" } }',
  'switched-off/package.json':
    '{ "name": "off", "type": "module", "peerDependencies": { "@heldar/plugin-sdk": "*" } }',
};

function filesOf(
  name: string,
  { heldar = {}, packageJson, api = '^0.1.0', code = '', module, migration }: Broken,
) {
  return {
    [`${name}/package.json`]:
      packageJson ??
      JSON.stringify(
        {
          name: `@test/${name}`,
          version: '1.0.0',
          type: 'module',
          heldar: { name, ...heldar },
          peerDependencies: { '@heldar/plugin-sdk': api },
        },
        null,
        2,
      ),
    [`${name}/index.ts`]:
      module ??
      `import { definePlugin, z } from '@heldar/plugin-sdk';\nexport default definePlugin({ name: '${name}', ${code} });\nvoid z;\n`,
    ...(migration === undefined ? {} : { [`${name}/migrations/0001_x.sql`]: migration }),
  };
}

const composition = `import { defineConfig } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [
    ${[fixturePlugin('steady'), '@acme/nowhere', './twin/index.ts', './switched-off/index.ts', ...Object.keys(broken).map((name) => `./${name}/index.ts`)].map((entry) => `'${entry}',`).join('\n    ')}
  ],
  disable: ['switched-off'],
  test: {
    plugins: {
      'has-wrong-options': { graceMinutes: '10', password: 'hunter2' },
    },
  },
});
`;

let site: Site;
let views: PluginView[];
beforeAll(async () => {
  const packages = Object.entries(broken).flatMap(([name, plugin]) => Object.entries(filesOf(name, plugin)));
  site = await startSite(
    { 'heldar.config.ts': composition, ...unnamed, ...Object.fromEntries(packages) },
    { pluginLimits: { setupMs: 300 } },
  );
  views = await site.plugins();
});
afterAll(() => site[Symbol.asyncDispose]());

function viewOf(name: string): PluginView {
  const found = views.find((view) => view.name === name);
  if (found === undefined) throw new Error(`there is no ${name}`);
  return found;
}

/** A text stands for itself from end to end. */
function exactly(pattern: string | RegExp): RegExp {
  return typeof pattern === 'string'
    ? new RegExp(`^${pattern.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')}$`)
    : pattern;
}

describe('in a composition of broken plugins', () => {
  test.for(Object.entries(broken))('the one that %s fails alone and says why', ([name, expected]) => {
    // One whose package can't be read has no name but its path.
    const { state, error } = views.find((view) => view.name === name) ?? viewOf(`./${name}/index.ts`);
    expect(state).toBe('failed');
    expect(error?.stage).toBe(expected.stage);
    expect(error?.reason).toMatch(exactly(expected.reason));
    expect(error?.next).toMatch(exactly(expected.next));
    const place = error?.place?.replace(`${site.folder.path}/${name}/`, '') ?? '';
    expect(place).toMatch(expected.place ?? /^/);
  });

  test('each is told once in the log, with the place, a frame where there is a line, and the next step', () => {
    for (const name of Object.keys(broken)) {
      const told = [...site.told(name), ...site.told(`./${name}/index.ts`)];
      expect(told, name).toHaveLength(1);
      expect(told[0]).toMatch(/^✖ .* failed to start — .*\n {2}.*(?:\n.*)*\n {2}next: /);
    }
    const [first = ''] = site.told('throws-at-import');
    expect(first.split('\n').slice(1)).toEqual([
      '  no licence',
      expect.stringMatching(/^ {4}\/.*throws-at-import\/index\.ts:2:\d+$/),
      `    2 │ throw new Error('no licence');`,
      expect.stringMatching(/^ {6}│ +\^$/),
      `  next: ${mend}`,
    ]);
  });

  test('a wrong option shows the line of the composition, and no password', () => {
    const [told = ''] = site.told('has-wrong-options');
    const line = composition.split('\n').findIndex((text) => text.includes('has-wrong-options')) + 1;
    const isOfOption = (text: string) => text.includes(`graceMinutes: '10'`);
    const column = (composition.split('\n').find(isOfOption)?.indexOf(`'10'`) ?? 0) + 1;
    const last = composition.split('\n').findLastIndex(isOfOption) + 1;
    expect(line).toBeLessThan(last);
    expect(told).toContain(`    heldar.config.ts:${last}:${column}`);
    expect(told).toMatch(/ {4}\d+ │ .*graceMinutes: '10'.*\n +│ +\^{4}$/m);
    expect(JSON.stringify(views)).not.toContain('hunter2');
  });

  test('a package that is not installed is named', () => {
    const { state, error } = viewOf('nowhere');
    expect(state).toBe('failed');
    expect(error?.reason).toContain(
      'cannot find the package @acme/nowhere; install it: npm install @acme/nowhere',
    );
    expect(error?.place).toMatch(/^heldar\.config\.ts:6:\d+$/);
  });

  test('a second plugin of a name, known only once it is loaded, is refused with both places', () => {
    const twins = views.filter(({ name }) => name === 'steady');
    expect(twins.map(({ state }) => state)).toEqual(['running', 'failed']);
    expect(twins[1]?.error).toMatchObject({
      stage: 'pre-flight',
      reason: `the composition names two plugins 'steady'; the first stands at heldar.config.ts:5`,
      place: 'heldar.config.ts:7',
      next: 'remove one, or give it another name',
    });
  });

  test('one that is switched off by a name that only its module says does not run', () => {
    expect(viewOf('switched-off')).toMatchObject({ state: 'disabled', error: null });
  });

  test('the rest serves', async () => {
    expect(views.filter(({ state }) => state === 'running').map(({ name }) => name)).toEqual(['steady']);
    await site.ingest('gate', 'one');
    await site.kernel.quiet();
    expect(await site.call('GET', '/api/v1/plugins/steady/count')).toEqual({ status: 200, body: 1 });
  });

  test('nothing of a migration that failed is left', () => {
    expect(site.sql(`SELECT name FROM sqlite_schema WHERE name LIKE 'migrates%'`)).toEqual([]);
    expect(site.sql(`SELECT owner FROM schema_migrations WHERE owner LIKE 'migrates%'`)).toEqual([]);
  });
});

describe('a plugin that the composition requires', () => {
  const needs = (name: string, code: string) => ({
    'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';
      import plugin from './${name}/index.ts';
      export default defineConfig({ plugins: ['${fixturePlugin('steady')}', use(async () => ({ default: plugin }), {}, { required: true })] });`,
    ...filesOf(name, { code, stage: '', reason: '', place: null, next: '' }),
  });

  test('keeps the kernel from starting, by name, reason and next step, and what had started is undone', async () => {
    const starting = startSite(needs('vital', `setup() {\n  throw new Error('no heart');\n}`));
    await expect(starting).rejects.toMatchObject({
      code: 'plugin_failed',
      message: expect.stringMatching(
        /^the plugin vital is required and does not run: no heart\n.*vital\/index\.ts:3:\d+\n {2}next: mend/,
      ),
    });
  });

  test('is found missing before anything is started when that is known', async () => {
    const starting = startSite(needs('vital', 'capabilities: ["x"], setup: () => ({})'));
    await expect(starting).rejects.toMatchObject({
      message: expect.stringContaining(
        `the plugin vital is required and does not run: capabilities: there is no 'x'`,
      ),
    });
  });

  test('lets the kernel start when it runs', async () => {
    await using running = await startSite(needs('vital', 'setup: () => ({})'));
    expect((await running.plugins()).map(({ name, state }) => `${name} ${state}`)).toEqual([
      'steady running',
      'vital running',
    ]);
  });
});
