/** What does a report say when not all of the past is there any more, or production has not come as far as the log? */
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { consumer, z, type PluginDefinition } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { afterEach, expect, test, vi } from 'vitest';
import { createEventTypes } from '../plugins/event-types.ts';
import { openRecorded } from '../store/recorded-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { reportReplay, type ReplayReport } from './report.ts';

let opened: TestStore | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

type Events = { seen: { n: number } };

const counting = consumer<'*', Events, never>({
  name: 'counting',
  consume(batch, fx) {
    const n = (fx.state.get<number>('n') ?? 0) + batch.detections.length;
    fx.state.set('n', n);
    fx.emit('seen', { n });
  },
  tick: {
    every: '10s',
    idle: 'skip',
    run(fx) {
      fx.emit('seen', { n: -(fx.state.get<number>('n') ?? 0) });
      fx.state.delete('n');
    },
  },
});

const definition = {
  name: 'test',
  consumes: '*',
  emits: { seen: z.object({ n: z.number() }) },
  capabilities: ['events:emit'],
  setup: () => ({ consumers: [counting] }),
} as unknown as PluginDefinition;

async function start(): Promise<{ host: TestStore; detach(): Promise<void> }> {
  const host = (opened = await openTestStore());
  const attached = await host.attach({
    plugin: 'test',
    consumes: '*',
    definition: counting,
    events: createEventTypes('test', { seen: z.object({ n: z.number() }) }),
  });
  return { host, detach: () => attached.detach() };
}

async function send(host: TestStore, camera: string, count: number): Promise<void> {
  for (let index = 0; index < count; index += 1) {
    await host.ingest.accept({
      camera_id: camera,
      task_type: 'people',
      timestamp: null,
      frame_id: null,
      detections: [{ label: 'person', confidence: 1, bbox: null, track_id: null, attributes: null }],
      event: null,
    });
    await host.clock.advance(3000);
  }
  await host.dispatcher.quiet();
}

async function report(host: TestStore): Promise<ReplayReport> {
  using recorded = openRecorded(host.store.file);
  const subject = { definition, version: '', config: {}, folder: null, migrations: [] };
  return await reportReplay({ subject, source: null, recorded });
}

test('what production has not come to is no difference, of batches and of ticks', async () => {
  const { host, detach } = await start();
  await send(host, 'gate', 10);
  await detach();
  await send(host, 'gate', 10);
  await send(host, 'yard', 5);
  await host.clock.advance(60_000);
  const { batches, difference, notes } = await report(host);
  expect(batches).toBe(25);
  expect(difference).toMatchObject({ same: true });
  expect(difference?.events.same).toBe(host.sql('SELECT 1 FROM events').length);
  expect(notes).toEqual([]);
});

test('a log that was pruned is told of, since state from before is missing', async () => {
  const { host } = await start();
  await send(host, 'gate', 10);
  const [row] = host.sql('SELECT received FROM log WHERE seq = 5') as { received: number }[];
  await host.store.write('log.prune', { before: row?.received ?? 0, limit: 100, pastConsumers: false });
  const { difference, notes } = await report(host);
  expect(difference?.same).toBe(false);
  expect(notes).toEqual([
    `the log was pruned up to ${new Date(row?.received ?? 0).toISOString()}; state from before is missing, and differences may come from that`,
  ]);
});

test('a camera that was deleted is compared while its batches are there, and left out once they are emptied', async () => {
  const { host } = await start();
  await send(host, 'gate', 5);
  await send(host, 'yard', 5);
  const { incarnation } = await host.store.write('cameras.delete', { id: 'yard' });
  await host.dispatcher.quiet();
  const before = await report(host);
  expect(before.difference).toMatchObject({ same: true });
  await host.store.write('log.empty-camera', { incarnation, limit: 100 });
  const { difference, notes } = await report(host);
  expect(difference).toMatchObject({ same: true });
  expect(difference?.events.same).toBeLessThan(before.difference?.events.same ?? 0);
  expect(notes).toEqual([
    'batches of 1 deleted camera were emptied: what came of them alone is not compared, rows and lanes over all cameras may differ',
  ]);
});

test('events that the journal has lost are not compared', async () => {
  const { host } = await start();
  await send(host, 'gate', 10);
  const before = await report(host);
  const [row] = host.sql('SELECT created_at AS at FROM events WHERE seq = 4') as { at: number }[];
  await host.store.write('events.prune', { before: row?.at ?? 0, limit: 100 });
  const { difference, notes } = await report(host);
  expect(difference).toMatchObject({ same: true });
  const kept = host.sql(
    `SELECT 1 FROM events WHERE cause = 'tick' AND cause_at >= ? OR at_ms >= ?`,
    row?.at,
    row?.at,
  );
  expect(difference?.events.same).toBe(kept.length);
  expect(kept.length).toBeLessThan(before.difference?.events.same ?? 0);
  expect(notes).toEqual([
    `the journal was pruned up to ${new Date(row?.at ?? 0).toISOString()}; events from before are not compared`,
  ]);
});

test('a plugin whose setup fails is told of with its reason and the next step', async () => {
  const { host } = await start();
  using recorded = openRecorded(host.store.file);
  const failing: PluginDefinition = {
    ...definition,
    capabilities: ['http:outbound'],
    setup: async ({ fetch }) => {
      await fetch('http://127.0.0.1:9/');
      return {};
    },
  };
  const subject = { definition: failing, version: '', config: {}, folder: null, migrations: [] };
  await expect(reportReplay({ subject, source: null, recorded })).rejects.toMatchObject({
    code: 'plugin_failed',
    message: expect.stringMatching(
      /test can't be replayed: setup failed: test: a replay does not reach the network[\s\S]*next: a replay offers neither/,
    ) as string,
  });
});

test('a replay can be given up, and leaves no file behind', async () => {
  const { host } = await start();
  await send(host, 'gate', 3);
  using recorded = openRecorded(host.store.file);
  const subject = { definition, version: '', config: {}, folder: null, migrations: [] };
  const folder = mkdtempSync(join(tmpdir(), 'heldar-test-'));
  vi.stubEnv('TMPDIR', folder);
  try {
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(reportReplay({ subject, source: null, recorded, signal })).rejects.toThrow('enough');
    await reportReplay({ subject, source: null, recorded });
    expect(readdirSync(folder)).toEqual([]);
  } finally {
    vi.unstubAllEnvs();
    rmSync(folder, { recursive: true });
  }
});

test('the database of an older kernel is refused with the next step', async () => {
  const { host } = await start();
  const db = new Database(host.store.file);
  db.exec('ALTER TABLE events DROP COLUMN cause');
  db.close();
  await expect(report(host)).rejects.toMatchObject({
    code: 'store_unusable',
    message: expect.stringContaining('next: heldar migrate up kernel') as string,
  });
});
