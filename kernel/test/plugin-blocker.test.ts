/** What becomes of a site whose plugin blocks the event loop, or lets errors go uncaught? Told by the real command. */
import { writeFileSync } from 'node:fs';
import Database from 'better-sqlite3';
import { expect, test } from 'vitest';
import { folderWith } from './folder-with.ts';
import { runHeldar, startHeldar, type RunningHeldar } from './heldar-command.ts';
import { fixturePlugin, type PluginView } from './site-rig.ts';
import { until } from './until.ts';

const site = (...plugins: string[]) =>
  `export default { plugins: [${plugins.map((name) => `'${fixturePlugin(name)}'`).join(', ')}] };\n`;

async function ingest(heldar: RunningHeldar, cameraId: string, frameId: string, label = 'person') {
  return heldar.call('POST', '/api/v1/ai/events', {
    camera_id: cameraId,
    task_type: 'people',
    frame_id: frameId,
    detections: [{ label }],
  });
}

async function pluginNamed(heldar: RunningHeldar, name: string): Promise<PluginView> {
  const { body } = await heldar.call('GET', '/api/v1/plugins');
  const found = (body as PluginView[]).find((plugin) => plugin.name === name);
  if (found === undefined) throw new Error(`no plugin ${name}`);
  return found;
}

async function addCameras(heldar: RunningHeldar): Promise<void> {
  for (const id of ['gate', 'yard'])
    expect(
      (await heldar.call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false })).status,
    ).toBe(201);
}

test.for([
  ['block at once', 'blocker.spins'],
  ['block later', 'blocker'],
])(
  'a consumer that blocks the event loop (%s) is named, the kernel comes back without its plugin, and nothing is lost',
  { timeout: 120_000 },
  async ([label = '', blamed]) => {
    using folder = folderWith({ 'heldar.config.ts': site('steady', 'blocker') });
    const sql = <Row>(text: string) => {
      using db = openReader(folder.file('data/heldar.db'));
      return db.all<Row>(text);
    };
    {
      await using heldar = await startHeldar(folder.path, ['--block-limit-ms', '700']);
      await addCameras(heldar);
      for (const frame of ['one', 'two', 'three'])
        expect((await ingest(heldar, 'gate', frame)).status).toBe(200);
      // Whether the answer still gets out depends on the instant; a worker would send the batch again.
      await ingest(heldar, 'yard', 'the one that blocks', label).catch(() => undefined);
      await until('the kernel is back', () => heldar.starts === 2, 60_000);

      expect(heldar.lines.filter((line) => line.startsWith('✖'))).toEqual([
        expect.stringMatching(
          new RegExp(
            `^✖ ${blamed} has blocked the event loop for \\d+ ms at .*/fixtures/plugins/blocker/index\\.ts:\\d+:\\d+; the process ends now, and starts again without the plugin$`,
          ),
        ),
      ]);
      expect(await pluginNamed(heldar, 'blocker')).toMatchObject({
        state: 'quarantined',
        error: {
          reason: expect.stringMatching(
            /^blocker.* blocked the process for \d+ ms; the process was ended and restarted without it$/,
          ),
          place: expect.stringMatching(/blocker\/index\.ts:\d+:\d+$/),
          next: 'make it yield (await, or shorter work), then: heldar quarantine release blocker',
        },
      });
      expect((await pluginNamed(heldar, 'steady')).state).toBe('running');
      const [event] = sql<{ payload: string }>(
        `SELECT * FROM events WHERE event_type = 'plugin_quarantined'`,
      );
      expect(event).toMatchObject({ severity: 'critical', source: 'kernel' });
      expect(JSON.parse(event?.payload ?? '')).toMatchObject({ plugin: 'blocker', label: blamed });

      expect(await ingest(heldar, 'yard', 'the one that blocks', label)).toMatchObject({
        body: { duplicate: true },
      });
      expect((await ingest(heldar, 'gate', 'four')).status).toBe(200);
      await until('the other consumer has all batches', async () => {
        const { body } = await heldar.call('GET', '/api/v1/plugins/steady/count');
        return body === 5;
      });
      expect(await heldar.stop()).toBe(0);
    }

    expect((await runHeldar(folder.path, ['quarantine', 'list'])).out).toMatch(/^blocker +.*blocked/m);
    expect(await runHeldar(folder.path, ['quarantine', 'release', 'blocker'])).toMatchObject({
      code: 0,
      err: '',
    });
    writeFileSync(folder.file('mended'), '');
    {
      await using heldar = await startHeldar(folder.path, ['--block-limit-ms', '700']);
      expect((await pluginNamed(heldar, 'blocker')).state).toBe('running');
      await until('the mended plugin has caught up', () => sql('SELECT seq FROM blocker_seen').length === 5);
    }
    const batches = sql(`SELECT seq FROM log WHERE kind = 'batch' ORDER BY seq`);
    expect(sql('SELECT seq FROM steady_seen ORDER BY seq')).toEqual(batches);
    expect(sql('SELECT seq FROM blocker_seen ORDER BY seq')).toEqual(batches);
    expect(sql('PRAGMA integrity_check')).toEqual([{ integrity_check: 'ok' }]);
  },
);

test('errors that a plugin lets go uncaught are logged with plugin and place, and the kernel goes on', async () => {
  using folder = folderWith({ 'heldar.config.ts': site('steady', 'stray') });
  await using heldar = await startHeldar(folder.path);
  const told = () =>
    heldar.lines
      .filter((line) => line.startsWith('{'))
      .map(
        (line) =>
          JSON.parse(line) as { level: string; part?: string; msg: string; place?: string; fault?: number },
      )
      .filter(({ part, level }) => part === 'stray' && level === 'error');
  for (const [count, way] of ['promise', 'timer', 'socket', 'text'].entries()) {
    expect((await heldar.call('POST', '/api/v1/plugins/stray/stray', { way })).status).toBe(204);
    await until(`${way} is told`, () => told().length === count + 1);
  }
  const own = expect.stringMatching(/fixtures\/plugins\/stray\/index\.ts:\d+:\d+$/);
  expect(told()).toMatchObject([
    {
      msg: expect.stringContaining('stray: an error that nobody caught: forgotten; next: '),
      place: own,
      fault: 1,
    },
    { msg: expect.stringContaining('in a timer'), place: own, fault: 2 },
    { msg: expect.stringContaining('connect ECONNREFUSED 127.0.0.1:1'), fault: 3 },
    { msg: expect.stringContaining('a text that is no error'), fault: 4 },
  ]);
  const { body: plugins } = await heldar.call('GET', '/api/v1/plugins');
  expect(plugins).toEqual(
    expect.arrayContaining([
      expect.objectContaining({
        name: 'stray',
        faults: {
          count: 4,
          last: { reason: 'a text that is no error', place: null, at: expect.any(String) },
        },
      }),
    ]),
  );
  const metrics = await (await fetch(`${heldar.origin}/metrics`)).text();
  expect(metrics).toContain('heldar_plugin_faults_total{plugin="stray"} 4');
  expect(heldar.starts).toBe(1);
  expect((await pluginNamed(heldar, 'steady')).state).toBe('running');
  expect(await heldar.stop()).toBe(0);
});

test('modules that Node itself refuses are placed at their line', async () => {
  const manifest = (name: string) =>
    JSON.stringify({
      name,
      version: '1.0.0',
      type: 'module',
      heldar: { name },
      peerDependencies: { '@heldar/plugin-sdk': '*' },
    });
  const modules = {
    syntax: 'const a = 1;\nconst b = = 2;\n',
    missing: `const a = 1;\nimport './helper.ts';\n`,
    nopackage: `import x from '@acme/none';\n`,
    noexport: `import { nothing } from '@heldar/plugin-sdk';\nnothing();\n`,
    typescript: 'const a = 1;\n\nenum B { c }\n',
  };
  using folder = folderWith({
    'heldar.config.ts': `import { defineConfig, use } from '@heldar/plugin-sdk';
export default defineConfig({ plugins: [
  ${Object.keys(modules)
    .map((name) => `use(() => import('./${name}/index.ts')),`)
    .join('\n  ')}
  use(() => import('@acme/nowhere')),
] });
`,
    ...Object.fromEntries(
      Object.entries(modules).flatMap(([name, text]) => [
        [`${name}/package.json`, manifest(name)],
        [`${name}/index.ts`, text],
      ]),
    ),
  });
  await using heldar = await startHeldar(folder.path);
  const { body } = await heldar.call('GET', '/api/v1/plugins');
  const told = Object.fromEntries((body as PluginView[]).map(({ name, error }) => [name, error]));
  const at = (place: string) => expect.stringContaining(folder.file(place));
  expect(told).toMatchObject({
    syntax: { stage: 'import', place: at('syntax/index.ts:2') },
    missing: {
      reason: expect.stringContaining('helper.ts'),
      place: at('missing/index.ts:2:'),
      next: expect.stringContaining('install'),
    },
    nopackage: { reason: expect.stringContaining('@acme/none'), place: at('nopackage/index.ts:1:') },
    noexport: { reason: expect.stringContaining(`'nothing'`), place: at('noexport/index.ts:1') },
    typescript: { reason: expect.stringContaining('enum'), place: at('typescript/index.ts:3') },
    nowhere: { reason: expect.stringContaining('@acme/nowhere'), place: at('heldar.config.ts:8:') },
  });
});

function openReader(file: string) {
  const db = new Database(file, { readonly: true });
  return {
    all: <Row>(text: string) => db.prepare(text).all() as Row[],
    [Symbol.dispose]: () => db.close(),
  };
}
