/** Does the test host do to a plugin what a kernel does: deliver, tick, retry, crash? */
import { consumer, definePlugin, every, onEvent, route, z } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { databaseFileOf } from '../src/config/database-url.ts';
import { writeTape } from '../src/replay/write-tape.ts';
import { openRecorded } from '../src/store/recorded-queries.ts';
import { folderWith } from './folder-with.ts';
import steady from './fixtures/plugins/steady/index.ts';
import stray from './fixtures/plugins/stray/index.ts';
import { batch, track } from '../src/testing/batches.ts';
import { createTestHost } from '../src/testing/open-test-host.ts';
import { recordedBatches } from '../src/testing/recorded-batches.ts';

interface Visit {
  readonly since: number;
  readonly warned: boolean;
}

const overstays = definePlugin({
  name: 'overstays',
  config: z.object({ graceMinutes: z.number().min(0).default(15) }),
  consumes: ['anpr'],
  emits: { overstay: z.object({ plate: z.string() }), hour: z.object({ at: z.number() }) },
  capabilities: ['events:emit'],
  setup: ({ config, log }) => ({
    consumers: [
      consumer({
        name: 'visits',
        order: 'all',
        consume(seen, fx) {
          for (const { label } of seen.detections)
            if (label !== null && !fx.state.has(label))
              fx.state.set(label, { since: fx.now, warned: false } satisfies Visit);
        },
        tick: {
          every: '10s',
          idle: 'skip',
          run(fx) {
            for (const [plate, visit] of fx.state.entries<Visit>()) {
              if (visit.warned || fx.now - visit.since <= config.graceMinutes * 60_000) continue;
              fx.emit('overstay', { plate });
              fx.state.set(plate, { ...visit, warned: true });
            }
          },
        },
      }),
    ],
    handlers: [onEvent('overstay', ({ payload }) => log.warn({ plate: payload.plate }, 'overstay'))],
    jobs: [every('1h', 'tell the hour', ({ now, tx }) => void tx.emit('hour', { at: now }))],
    routes: [
      route.get('/grace', {
        capability: 'view',
        scope: { none: 'an option' },
        output: z.number(),
        handle: () => config.graceMinutes,
      }),
      route.get('/broken', {
        capability: 'view',
        scope: { none: 'a fault' },
        output: z.number(),
        handle: () => {
          throw new Error('no answer');
        },
      }),
    ],
  }),
});

const anpr = (plate: string) => [{ label: plate }];

test('a car that overstays is reported once, whatever crashes in between', async () => {
  await using host = await createTestHost({ plugins: [overstays({ graceMinutes: 1 })] });
  await host.ingest('gate', 'anpr', anpr('ABC1'));
  expect(host.events('overstays.overstay')).toEqual([]);
  expect(host.state('visits')).toEqual({ ABC1: { since: host.now, warned: false } });
  await host.crashAndRestart();
  await host.advance('2m');
  expect(host.events('overstays.overstay')).toMatchObject([
    { payload: { plate: 'ABC1' }, source: 'overstays', timestamp: expect.any(Number) as number },
  ]);
  await host.crashAndRestart();
  await host.restart();
  await host.advance('2m');
  expect(host.events('overstays.overstay')).toHaveLength(1);
  expect(host.log()).toContainEqual(expect.objectContaining({ msg: 'overstay', plate: 'ABC1' }));
  expect(host.problems()).toEqual([]);
});

test('a swap puts other options or other code in place; one that fails is refused, and what ran serves on', async () => {
  await using host = await createTestHost({ plugins: [overstays({ graceMinutes: 60 })] });
  await host.ingest('gate', 'anpr', anpr('ABC1'));
  await host.swap(overstays({ graceMinutes: 1 }));
  await host.advance('2m');
  expect(host.events('overstays.overstay')).toHaveLength(1);
  await expect(host.swap(overstays({ graceMinutes: -1 }))).rejects.toThrow(/graceMinutes[^]*next: /);
  await host.crashAndRestart();
  expect(await (await host.http('/api/v1/plugins/overstays/grace')).json()).toBe(1);
  await expect(host.swap(steady)).rejects.toThrow(/no plugin steady runs that could be swapped/);
});

test('two days go by in a moment, with each hour and each tick of them', async () => {
  await using host = await createTestHost({ plugins: [overstays] });
  await host.ingest('gate', 'anpr', anpr('ABC1'));
  const start = host.now;
  await host.advance('2d');
  expect(host.events('overstays.hour')).toHaveLength(48);
  expect(host.events('overstays.overstay')).toMatchObject([{ timestamp: start + 910_000 }]);
});

test('jobs run at their times, and routes answer without a socket', async () => {
  await using host = await createTestHost({ plugins: [overstays] });
  const start = host.now;
  await host.advance('2h');
  expect(host.events('overstays.hour').map(({ payload }) => payload)).toEqual([
    { at: start + 3_600_000 },
    { at: start + 7_200_000 },
  ]);
  expect(await (await host.http('/api/v1/plugins/overstays/grace')).json()).toBe(15);
  expect((await host.http('/api/v1/plugins/overstays/broken')).status).toBe(500);
  expect(host.problems()).toMatchObject([
    { plugin: 'overstays', message: 'a request failed: no answer', place: null },
  ]);
});

test('a plugin with tables finds its package by itself; what it wrote can be queried', async () => {
  await using host = await createTestHost({ plugins: [steady], cameras: ['gate', 'yard'] });
  const walk = track({ camera: 'yard', taskType: 'people', frames: 3, everyMs: 1000 });
  const start = host.now;
  await host.tape([batch('gate', { taskType: 'people', frameId: 'f1' }), ...walk, ...walk.slice(2)]);
  expect(host.rows('SELECT frame_id FROM steady_seen ORDER BY rowid')).toEqual([
    { frame_id: 'f1' },
    ...walk.map(({ frameId }) => ({ frame_id: frameId })),
  ]);
  expect(host.now - start).toBe(4000);
  expect(await host.ingest('gate', 'people', [], { frameId: 'f1' })).toEqual({ duplicate: true });
});

test('what fails is told, tried again as the clock moves, then parked, and the lane goes on', async () => {
  const picky = definePlugin({
    name: 'picky',
    consumes: ['detection'],
    setup: (_ctx) => ({
      consumers: [
        consumer({
          name: 'eater',
          consume({ frameId, detections }, fx) {
            if (detections.length === 0) throw new Error('nothing on the plate');
            fx.state.set(frameId ?? '', true);
          },
        }),
      ],
    }),
  });
  await using host = await createTestHost({ plugins: [picky], cameras: ['gate', 'yard'] });
  await host.ingest('gate', 'detection', [], { frameId: 'empty' });
  expect(host.problems()).toMatchObject([
    { plugin: 'picky', message: expect.stringContaining('nothing on the plate') as string },
  ]);
  expect(host.problems()[0]?.place).toMatch(/test-host\.test\.ts:\d+/);
  expect(host.parked()).toEqual([]);
  await host.ingest('gate', 'detection', [{}], { frameId: 'full' });
  await host.advance('5m');
  expect(host.parked()).toMatchObject([{ plugin: 'picky', consumer: 'eater', kind: 'record', attempts: 5 }]);
  await host.ingest('yard', 'detection', [{}], { frameId: 'other' });
  expect(host.state('picky.eater', 'gate')).toEqual({ full: true });
  expect(() => host.state('eater')).toThrow(
    /picky\.eater of gate, picky\.eater of yard; name one: host\.state/,
  );
});

test('a crash does not wait for a call that hangs; nothing of that call is kept', async () => {
  let attempts = 0;
  const stuck = definePlugin({
    name: 'stuck',
    consumes: ['detection'],
    setup: (_ctx) => ({
      consumers: [
        consumer({
          name: 'hung',
          async consume(_, fx) {
            attempts += 1;
            fx.state.set('attempt', attempts);
            if (attempts === 1) await new Promise(() => {});
          },
        }),
      ],
    }),
  });
  await using host = await createTestHost({ plugins: [stuck], settleMs: 200 });
  await expect(host.ingest('gate', 'detection', [])).rejects.toThrow(
    /did not come to rest within 200 ms: stuck: batch hung s\d+ has not ended; .*host\.advance/,
  );
  expect(host.state('hung')).toEqual({});
  await host.crashAndRestart();
  expect(host.state('hung')).toEqual({ attempt: 2 });
});

test('a plugin that does not start is told as the terminal tells it', async () => {
  const broken = definePlugin({
    name: 'broken',
    setup: (_ctx) => {
      throw new Error('no permit');
    },
  });
  await expect(createTestHost({ plugins: [broken] })).rejects.toThrow(
    /✖ broken failed to start[^]*no permit[^]*next: /,
  );
  await expect(createTestHost({ plugins: [overstays({ graceMinutes: -1 })] })).rejects.toThrow(
    /graceMinutes/,
  );
});

test('an error that nobody caught is a problem of the plugin whose it is, with its place', async () => {
  await using host = await createTestHost({ plugins: [stray] });
  await host.http('/api/v1/plugins/stray/stray', { method: 'POST', body: { way: 'promise' } });
  await expect.poll(() => host.problems()).toHaveLength(1);
  expect(host.problems()).toMatchObject([
    {
      plugin: 'stray',
      message: expect.stringContaining('nobody caught: forgotten') as string,
      place: expect.stringMatching(/stray\/index\.ts:\d+:\d+$/) as string,
    },
  ]);
});

test('a kernel without its media side needs no ffmpeg, and says so when asked for a picture', async () => {
  await using host = await createTestHost({ plugins: [] });
  const url = { main_stream_url: 'rtsp://127.0.0.1:1/x', name: 'street', record_enabled: true };
  expect((await host.http('/api/v1/cameras', { method: 'POST', body: url })).status).toBe(201);
  const tested = await host.http('/api/v1/cameras/street/test');
  expect([tested.status, await tested.text()]).toEqual([503, expect.stringContaining('media: false')]);
  expect((await host.http('/api/v1/cameras/street/frame')).status).toBe(404);
});

test('a tape of a real site is posted as it was recorded, each batch at its time', async () => {
  using folder = folderWith({});
  const plugins = [overstays({ graceMinutes: 1 })];
  const seen = (label: string) =>
    batch('gate', { taskType: 'anpr', detections: [{ label }], afterMs: 25_000 });
  await using site = await createTestHost({ plugins });
  await site.tape([seen('ABC1'), seen('DEF2'), seen('GHI3'), seen('JKL4')]);
  using recorded = openRecorded(databaseFileOf(site.kernel.config.settings.databaseUrl));
  const file = folder.file('gate.jsonl.gz');
  await writeTape(recorded, { file, from: null, to: null, cameras: null });

  const batches = await recordedBatches(file);
  expect(batches.map(({ afterMs, detections }) => [afterMs, detections[0]?.label])).toEqual([
    [0, 'ABC1'],
    [25_000, 'DEF2'],
    [25_000, 'GHI3'],
    [25_000, 'JKL4'],
  ]);
  await using host = await createTestHost({ plugins });
  await host.tape(batches);
  const told = (one: typeof host) => one.events('overstays.overstay').map(({ payload }) => payload);
  expect(told(host)).toEqual([{ plate: 'ABC1' }]);
  expect(told(host)).toEqual(told(site));
  await expect(recordedBatches(folder.file('none.jsonl'))).rejects.toMatchObject({ code: 'usage' });
});
