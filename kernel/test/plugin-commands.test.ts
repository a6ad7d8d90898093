/** Do the commands about plugins tell the truth, with a kernel running and without? */
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, describe, expect, test } from 'vitest';
import { folderWith } from './folder-with.ts';
import { runHeldar, startHeldar, type RunningHeldar } from './heldar-command.ts';
import { fixturePlugin } from './site-rig.ts';
import { until } from './until.ts';

const parking = {
  'parking/package.json': JSON.stringify({
    name: '@acme/parking',
    version: '1.2.0',
    type: 'module',
    heldar: { name: 'parking', requires: { steady: '^1.0.0' }, release: ['0001_visits.sql'] },
    peerDependencies: { '@heldar/plugin-sdk': '^0.1.0' },
  }),
  'parking/index.ts': `import { definePlugin, z } from '@heldar/plugin-sdk';
export default definePlugin({
  name: 'parking',
  config: z.object({
    graceMinutes: z.int().min(0).default(15).describe('how long a car may stay unpaid'),
    smtp: z.object({ host: z.string(), password: z.string() }),
    mode: z.enum(['strict', 'lax']).default('lax'),
    pin: z.string().meta({ writeOnly: true }).optional(),
  }),
  consumes: { anpr: z.object({ plate: z.string(), confidence: z.number().optional() }) },
  emits: { overstay: z.object({ plate: z.string(), minutes: z.number() }) },
  records: { lot: z.object({ size: z.number() }) },
  capabilities: ['events:emit', 'cameras:read'],
  migrations: './migrations',
  setup() {
    throw new Error('setup ran');
  },
});
`,
  'parking/migrations/0001_visits.sql': 'create table parking_visits (id text primary key);\n',
  'parking/migrations/0002_plate.sql': 'alter table parking_visits add column plate text;\n',
};

const composition = (port: number) => `import { defineConfig, use } from '@heldar/plugin-sdk';

export default defineConfig({
  plugins: [
    '${fixturePlugin('steady')}',
    use(() => import('./parking/index.ts'), { graceMinutes: 10, smtp: { host: 'mail', password: 'hunter2' } }),
    './broken/index.ts',
    './gate/index.ts',
  ],
  disable: ['gate'],
  api: { port: ${port} },
});
`;

const files = (port: number) => ({
  'heldar.config.ts': composition(port),
  'broken/package.json':
    '{ "name": "b", "type": "module", "heldar": { "name": "broken" }, "peerDependencies": { "@heldar/plugin-sdk": "*" } }',
  'broken/index.ts': `throw new Error('no licence');\n`,
  'gate/package.json': '{ "name": "g", "type": "module", "heldar": { "name": "gate" } }',
  'gate/index.ts': '',
  ...parking,
});

/** Nothing listens there: it was taken and given back at once. */
let freePort: number;
beforeAll(async () => {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  freePort = (server.address() as AddressInfo).port;
  server.close();
});
/** The port is the composition's. */
const own = { HELDAR_API_PORT: '' };

/** Rows of a table of the output, by cell. */
const rowsOf = (text: string) => text.split('\n').map((line) => line.trim().split(/ {2,}/));

describe('heldar list', () => {
  test('without a kernel shows the composition, what would not start and that nothing runs', async () => {
    using folder = folderWith(files(freePort));
    const { code, out, err } = await runHeldar(folder.path, ['list'], own);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(rowsOf(out)).toEqual(
      expect.arrayContaining([
        ['plugin', 'version', 'state', 'tier', 'capabilities'],
        ['steady', '1.4.0', 'not running', 'inline'],
        ['parking', '1.2.0', 'not running', 'inline', 'events:emit, cameras:read'],
        ['broken', '0.0.0', 'failed', 'inline'],
        ['gate', 'disabled'],
        ['✖ broken: no licence'],
        ['next: mend the place named, then start again'],
        [`heldar is not running at http://127.0.0.1:${freePort}`],
      ]),
    );
  });

  test('with a kernel shows the states it tells', async () => {
    using folder = folderWith(files(0));
    await using heldar = await startHeldar(folder.path);
    const { out } = await runHeldar(folder.path, ['list', '--url', heldar.origin]);
    expect(rowsOf(out)).toEqual(
      expect.arrayContaining([
        ['steady', '1.4.0', 'running', 'inline'],
        ['parking', '1.2.0', 'failed', 'inline', 'events:emit, cameras:read'],
        ['✖ parking: setup ran'],
      ]),
    );
    const { out: json } = await runHeldar(folder.path, ['list', '--json', '--url', heldar.origin]);
    expect(JSON.parse(json)).toMatchObject({
      running: true,
      plugins: [
        { name: 'steady', state: 'running' },
        { name: 'parking', state: 'failed', reason: 'setup ran' },
        {},
        {},
      ],
    });
  });
});

describe('heldar inspect', () => {
  test('shows all that the manifest declares and every option with its value, and runs no setup', async () => {
    using folder = folderWith(files(freePort));
    const { code, out, err } = await runHeldar(folder.path, ['inspect', 'parking'], own);
    expect({ code, err }).toEqual({ code: 0, err: '' });
    expect(out).not.toContain('setup ran');
    expect(out).not.toContain('hunter2');
    expect(rowsOf(out)).toEqual(
      expect.arrayContaining([
        ['parking 1.2.0'],
        ['state', 'not running'],
        ['package', './parking/index.ts in parking'],
        ['API range', expect.stringMatching(/^\^0\.1\.0 \(this kernel speaks 0\.\d+\.\d+\)$/)],
        ['requires', 'steady ^1.0.0'],
        ['capabilities', 'events:emit'],
        ['cameras:read'],
        ['consumes', 'anpr with attributes { plate: text, confidence?: number }'],
        ['emits', 'parking.overstay { plate: text, minutes: number }'],
        ['records', 'parking.lot { size: number }'],
        ['tables', 'parking_…'],
        ['migrations', '0001_visits (shipped)'],
        ['0002_plate (draft)'],
        [
          'graceMinutes',
          'integer from 0',
          'default 15',
          '10 (heldar.config.ts:6)',
          'how long a car may stay unpaid',
        ],
        ['smtp.host', 'text', 'required', '"mail" (heldar.config.ts:6)'],
        ['smtp.password', 'text', 'required', '*** (heldar.config.ts:6)'],
        ['mode', 'one of "strict", "lax"', 'default "lax"', '"lax" (default)'],
        ['pin', 'text', 'optional', '(none)'],
      ]),
    );
  });

  test('tells the same as JSON', async () => {
    using folder = folderWith(files(freePort));
    const { out } = await runHeldar(folder.path, ['inspect', 'parking', '--json'], own);
    expect(out).not.toContain('hunter2');
    expect(JSON.parse(out)).toMatchObject({
      name: 'parking',
      version: '1.2.0',
      capabilities: ['events:emit', 'cameras:read'],
      options: expect.arrayContaining([
        {
          name: 'graceMinutes',
          type: 'integer from 0',
          default: '15',
          required: false,
          description: 'how long a car may stay unpaid',
          secret: false,
          value: '10',
          from: 'heldar.config.ts:6',
        },
      ]),
    });
  });

  test('shows a plugin that would not start with the reason and the place', async () => {
    using folder = folderWith(files(freePort));
    const { out } = await runHeldar(folder.path, ['inspect', 'broken'], own);
    expect(out).toMatch(/✖ no licence\n {4}.*broken\/index\.ts:1:\d+\n {2}next: mend/);
  });

  test('names the plugins there are when it is asked for another', async () => {
    using folder = folderWith(files(freePort));
    expect(await runHeldar(folder.path, ['inspect', 'parkin'], own)).toMatchObject({
      code: 2,
      err: "✖ the composition has no plugin 'parkin'; it has steady, parking, broken, gate\n",
    });
  });
});

describe('heldar quarantine', () => {
  const entry = {
    plugin: 'parking',
    label: 'parking.visits',
    place: '/site/a.ts:3:1',
    blockedMs: 10_000,
    at: 0,
  };

  test('lists who is out and why, and lets a plugin out by name', async () => {
    using folder = folderWith({ 'data/quarantine.json': JSON.stringify([entry]) });
    expect(await runHeldar(folder.path, ['quarantine', 'list'])).toMatchObject({
      code: 0,
      out: 'parking  1970-01-01T00:00:00.000Z  parking.visits blocked the process for 10000 ms at /site/a.ts:3:1\n',
    });
    expect(await runHeldar(folder.path, ['quarantine', 'release', 'gate'])).toMatchObject({
      code: 2,
      err: '✖ gate is not in quarantine; there are parking\n',
    });
    expect(await runHeldar(folder.path, ['quarantine', 'release', 'parking'])).toMatchObject({
      code: 0,
      out: 'parking is released: it starts with the next start of the kernel, or with heldar plugin enable parking\n',
    });
    expect((await runHeldar(folder.path, ['quarantine', 'list'])).out).toBe('nobody is in quarantine\n');
  });
});

describe('heldar parked', () => {
  test('without a kernel says so and what to do', async () => {
    using folder = folderWith({});
    const url = ['--url', `http://127.0.0.1:${freePort}/`];
    for (const step of [['list'], ['retry', 'x'], ['drop', 'x']])
      expect(await runHeldar(folder.path, ['parked', ...step, ...url])).toEqual({
        code: 1,
        out: '',
        err: `✖ heldar is not running at http://127.0.0.1:${freePort}\n  next: heldar start, or name another address with --url\n`,
      });
    expect(await runHeldar(folder.path, ['parked', 'list'], { HELDAR_API_PORT: '0' })).toMatchObject({
      code: 2,
      err: expect.stringContaining('api.port is 0: the kernel takes any free port'),
    });
  });

  test('shows what a consumer could not process, has it tried again, and drops it', async () => {
    using folder = folderWith({
      'heldar.config.ts': `export default { plugins: ['${fixturePlugin('faulty')}'] };`,
    });
    await using heldar = await startHeldar(folder.path);
    const parked = async (...step: string[]) =>
      runHeldar(folder.path, ['parked', ...step, '--url', heldar.origin]);
    expect((await parked('list')).out).toBe('nothing is parked\n');

    await parkTwo(heldar);
    const listed = await parked('list');
    expect(rowsOf(listed.out)).toEqual([
      ['id', 'parked', 'of', 'what', 'error'],
      ...['first', 'second'].map(() => [
        expect.stringMatching(/^park_[0-9a-f]{32}$/),
        expect.stringMatching(/^20\d\d-/),
        'faulty.misbehaves',
        expect.stringMatching(/^record \d+$/),
        'the consumer throws (5 tries)',
      ]),
      [''],
    ]);
    const items = JSON.parse((await parked('list', '--json')).out) as {
      id: string;
      body: { frame_id: string };
    }[];
    expect(items.map(({ body }) => body.frame_id)).toEqual(['first', 'second']);
    const [first, second] = items.map(({ id }) => id);

    expect((await parked('drop', first ?? '')).out).toBe(`${first} is dropped\n`);
    expect((await parked('retry', second ?? '')).out).toContain(`${second} is being processed again`);
    await until('nothing is parked', async () => {
      const { body } = await heldar.call('GET', '/api/v1/parked');
      return (body as unknown[]).length === 0;
    });
    expect(await parked('retry', 'nothing')).toMatchObject({
      code: 1,
      err: '✖ parked item nothing not found\n',
    });
  });
});

async function parkTwo(heldar: RunningHeldar): Promise<void> {
  const mode = (name: string) => heldar.call('PUT', '/api/v1/plugins/faulty/mode', { mode: name });
  await mode('throw');
  for (const id of ['first', 'second']) {
    await heldar.call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
    await heldar.call('POST', '/api/v1/ai/events', {
      camera_id: id,
      task_type: 'people',
      frame_id: id,
      detections: [],
    });
    await until(`${id} is parked`, async () => {
      const { body } = await heldar.call('GET', '/api/v1/parked');
      return (body as unknown[]).length === (id === 'first' ? 1 : 2);
    });
  }
  await mode('well');
}

test('what answers at the address but is no heldar is told so', async () => {
  using folder = folderWith({});
  const server = createServer((_, response) => response.end('<html>')).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const ended = await runHeldar(folder.path, ['parked', 'list', '--url', `http://127.0.0.1:${port}`]);
  server.close();
  expect(ended).toMatchObject({
    code: 1,
    err: expect.stringContaining(`what answers at http://127.0.0.1:${port} is not heldar`),
  });
});
