/** Do old detections and events go, but nothing that a consumer has still to see, unless they would fill the disk? */
import { consumer } from '@heldar/plugin-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createEventTypes } from '../plugins/event-types.ts';
import { createLogQueries } from '../store/log-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import type { ConsumerSpec } from './dispatcher.ts';
import { createLogRetention } from './retention.ts';

const hourMs = 3_600_000;

let host: TestStore;
beforeEach(async () => {
  host = await openTestStore();
});
afterEach(() => host.close());

function specOf(name: string, order: 'camera' | 'all', from: 'head' | 'start' = 'head'): ConsumerSpec {
  const definition = consumer<'*'>({ name, order, from, consume: (_, fx) => fx.state.set('seen', fx.now) });
  return {
    plugin: 'test',
    consumes: '*',
    definition: definition as never,
    events: createEventTypes('test', {}),
  };
}

async function send(count: number, camera = 'gate', event: string | null = null): Promise<void> {
  const detections = [{ label: 'person', confidence: 1, bbox: null, track_id: null, attributes: {} }];
  const request = { camera_id: camera, task_type: 'a', timestamp: null, frame_id: null, detections };
  const sent = Array.from({ length: count }, () =>
    host.ingest.accept({
      ...request,
      event: event === null ? null : { event_type: event, severity: 'info', payload: {} },
    }),
  );
  await Promise.all(sent);
  await host.dispatcher.quiet();
}

/** Where nothing of a lane is left to do, its cursor follows every few seconds. */
async function letCursorsMove(): Promise<void> {
  await host.dispatcher.quiet();
  await host.clock.advance(5000);
  await host.dispatcher.quiet();
}

/** The clock's own timers stand still: only its time counts here. */
let passed = 0;
beforeEach(() => {
  passed = 0;
});

function retention(options: { pinnedBytes?: number; detectionHours?: number } = {}) {
  const queries = createLogQueries(host.store.reader);
  return createLogRetention({
    store: host.store,
    now: () => host.clock.now() + passed,
    detectionHours: 24,
    eventDays: 2,
    deletedCameras: () => queries.deletedWithBodies(),
    usedBytes: () => queries.usedBytes(),
    ...options,
  });
}

const sweep = (options?: Parameters<typeof retention>[0]) =>
  retention(options).run(new AbortController().signal);
const rows = () => host.sql('SELECT 1 FROM log').length;
const alarms = () =>
  (
    host.sql("SELECT severity, payload FROM events WHERE event_type = 'log_pinned' ORDER BY seq") as {
      severity: string;
      payload: string;
    }[]
  ).map(({ severity, payload }) => ({
    severity,
    ...(JSON.parse(payload) as { dropped: boolean; held_at_seq: number }),
  }));

test('what is older than it may be goes with its labels, whatever the number; what is younger stays', async () => {
  await send(1200);
  await host.clock.advance(1000);
  await send(7, 'yard');
  passed = 24 * hourMs;
  await sweep();
  expect(host.sql('SELECT DISTINCT incarnation, count(*) AS n FROM log')).toEqual([{ incarnation: 2, n: 7 }]);
  expect(host.sql('SELECT incarnation, count(*) AS n FROM log_labels')).toEqual([{ incarnation: 2, n: 7 }]);
  passed = 25 * hourMs;
  await sweep();
  expect(rows()).toBe(0);
  await send(1);
  // Sequences are not used again.
  expect(host.sql('SELECT seq FROM log')).toEqual([{ seq: 1208 }]);
});

test.each([
  ['one lane a camera', 'camera'],
  ['one lane over all', 'all'],
] as const)('a consumer with %s that does not run keeps what it has not seen', async (_, order) => {
  const { detach } = await host.attach(specOf('watch', order));
  await send(3);
  await detach();
  await send(5);
  await send(2, 'yard');
  passed = 48 * hourMs;
  await sweep();
  expect(host.sql('SELECT seq FROM log ORDER BY seq').at(-1)).toEqual({ seq: 10 });
  expect(rows()).toBeGreaterThanOrEqual(7);
  await host.attach(specOf('watch', order));
  await letCursorsMove();
  await sweep();
  expect(rows()).toBe(0);
});

test('a consumer that has never run on a camera keeps what it has not seen of it', async () => {
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await detach();
  await send(5, 'yard');
  passed = 48 * hourMs;
  await sweep();
  expect(rows()).toBe(5);
});

test('a consumer that wants nothing of a camera does not hold what it sends, also while it runs', async () => {
  const { attach } = host;
  await attach({ ...specOf('watch', 'camera'), consumes: ['b'] });
  await attach({ ...specOf('overview', 'all'), consumes: ['b'] });
  await send(5);
  await letCursorsMove();
  passed = 48 * hourMs;
  await sweep();
  expect(rows()).toBe(0);
});

test('a consumer that began behind the rows does not hold them', async () => {
  await send(5);
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await detach();
  passed = 48 * hourMs;
  await sweep();
  expect(rows()).toBe(0);
});

test('an alarm is given once before the rows held for a consumer grow too many, and once when they are let go', async () => {
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await detach();
  await send(10);
  passed = 48 * hourMs;
  const size = createLogQueries(host.store.reader).usedBytes();
  const never = new AbortController().signal;

  await sweep({ pinnedBytes: size * 4 });
  expect(alarms()).toEqual([]);
  const near = retention({ pinnedBytes: Math.round(size * 1.2) });
  await near.run(never);
  await near.run(never);
  expect(alarms()).toMatchObject([{ severity: 'warning', dropped: false, held_at_seq: 0 }]);
  expect(rows()).toBe(10);

  const past = retention({ pinnedBytes: 1 });
  await past.run(never);
  await past.run(never);
  expect(rows()).toBe(0);
  expect(alarms()).toMatchObject([
    { severity: 'warning' },
    { severity: 'critical', dropped: true, held_at_seq: 0 },
  ]);
});

test('of what is held no more is let go than must be', async () => {
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await detach();
  await send(4000);
  passed = 48 * hourMs;
  const { usedBytes } = createLogQueries(host.store.reader);
  const pinnedBytes = Math.round(usedBytes() * 0.8);
  await sweep({ pinnedBytes });
  expect(usedBytes()).toBeLessThanOrEqual(pinnedBytes);
  expect(rows()).toBeGreaterThan(2000);
  expect(alarms()).toMatchObject([{ severity: 'critical', dropped: true, held_at_seq: 0 }]);
});

test('no alarm is given when nothing is held, however large the database', async () => {
  await host.attach(specOf('watch', 'camera'));
  await send(10);
  passed = 48 * hourMs;
  await letCursorsMove();
  await sweep({ pinnedBytes: 1 });
  expect(rows()).toBe(0);
  expect(alarms()).toEqual([]);
});

test('a consumer whose rows were let go goes on with what is left', async () => {
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await send(2);
  await detach();
  await send(5);
  passed = 48 * hourMs;
  await sweep({ pinnedBytes: 1 });
  passed = 0;
  await send(3);
  await host.attach(specOf('watch', 'camera'));
  await letCursorsMove();
  expect(host.dispatcher.stats()).toMatchObject([{ lagRecords: 0, failing: null }]);
  expect(host.sql('SELECT seq FROM lanes')).toEqual([{ seq: 10 }]);
});

test('events go by their own age', async () => {
  await send(3, 'gate', 'old');
  await host.clock.advance(1000);
  await send(2, 'gate', 'young');
  passed = 48 * hourMs;
  await sweep({ detectionHours: 1000 });
  expect(host.sql('SELECT event_type FROM events')).toEqual([
    { event_type: 'young' },
    { event_type: 'young' },
  ]);
  expect(rows()).toBe(5);
});

test("a deleted camera's batches are emptied behind its consumers, and the rows stay as proof", async () => {
  const { detach } = await host.attach(specOf('watch', 'camera'));
  await detach();
  await send(600);
  await send(1, 'yard');
  await host.store.write('cameras.delete', { id: 'gate' });
  await sweep();
  expect(host.sql('SELECT 1 FROM log WHERE body IS NULL')).toEqual([]);
  await host.attach(specOf('watch', 'camera'));
  await host.dispatcher.quiet();
  await sweep();
  expect(host.sql("SELECT count(*) AS n FROM log WHERE kind = 'batch' AND body IS NULL")).toEqual([
    { n: 600 },
  ]);
  expect(host.sql('SELECT DISTINCT incarnation FROM log_labels')).toEqual([{ incarnation: 2 }]);
});

test('a sweep that is told to stop ends between two steps', async () => {
  await send(1200);
  passed = 48 * hourMs;
  const abort = new AbortController();
  const running = retention().run(abort.signal);
  abort.abort();
  await running;
  expect(rows()).toBe(700);
});
