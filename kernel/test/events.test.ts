/** Does everybody who follows the journal get each event: people who list it, browsers that stream it, plugins that handle it? */
import { definePlugin, onEvent, sql, z, type JournalEvent, type Plugin } from '@heldar/plugin-sdk';
import { expect, onTestFinished, test } from 'vitest';
import { readEvents } from './event-reader.ts';
import { folderWith } from './folder-with.ts';
import { startRig, type KernelRig, type RigOptions } from './kernel-rig.ts';
import { until } from './until.ts';

interface Shown {
  readonly id: string;
  readonly event_type: string;
  readonly payload: unknown;
}

async function start(options: RigOptions = {}): Promise<KernelRig> {
  const rig = await startRig(options);
  onTestFinished(() => rig[Symbol.asyncDispose]());
  return rig;
}

/** An event as workers send it. */
async function send(
  rig: KernelRig,
  event_type: string,
  payload: unknown = {},
  more: object = {},
): Promise<void> {
  const { severity, camera_id = 'gate' } = more as { severity?: string; camera_id?: string };
  const body = { camera_id, task_type: 'note', event: { event_type, payload, severity } };
  const answer = await rig.call('POST', '/api/v1/ai/events', body);
  if (answer.status !== 200) throw new Error(`${answer.status} ${JSON.stringify(answer.body)}`);
}

const list = async (rig: KernelRig, query = '') =>
  (await rig.call('GET', `/api/v1/events?${query}`)).body as Shown[];

test('the list is filtered by exact camera, type and severity, by time, and in pages', async () => {
  const rig = await start();
  for (const [type, severity, camera_id] of [
    ['parcel', 'info', 'gate'],
    ['parcel', 'warning', 'gate'],
    ['Parcel', 'warning', 'gate'],
    ['parcel', 'warning', 'yard'],
    ['van', 'critical', 'yard'],
  ] as const) {
    await send(rig, type, { type }, { severity, camera_id });
    await rig.clock.advance(1000);
  }
  const types = async (query: string) => (await list(rig, query)).map(({ event_type: type }) => type);
  expect(await types('')).toEqual(['van', 'parcel', 'Parcel', 'parcel', 'parcel']);
  expect(await types('event_type=parcel')).toHaveLength(3);
  expect(await types('event_type=parcel&severity=warning&camera_id=gate')).toEqual(['parcel']);
  expect(await types('camera_id=yard')).toEqual(['van', 'parcel']);
  expect(await types('camera_id=nowhere')).toEqual([]);
  expect(await types('severity=critical')).toEqual(['van']);
  expect(await types('limit=0')).toEqual(['van']);
  expect(await types('from=2026-01-01T00:00:02Z&to=2026-01-01T00:00:03Z')).toEqual(['parcel', 'Parcel']);
  const page = await rig.call('GET', '/api/v1/events?limit=2');
  const after = page.headers.get('x-next-after');
  expect(await types(`limit=2&after=${after}`)).toEqual(['Parcel', 'parcel']);
  expect((await rig.call('GET', '/api/v1/events?limit=few')).status).toBe(400);
});

test('a stream goes on where it was cut, over cuts and a restart of the kernel: nothing is lost, nothing comes twice', async () => {
  const rig = await start();
  const reader = readEvents(() => rig.origin, '?event_type=parcel', 0);
  onTestFinished(() => reader.stop());
  let sent = 0;
  const sendMore = async (count: number) => {
    for (let end = sent + count; sent < end; sent += 1) {
      await send(rig, 'parcel', { n: sent });
      await send(rig, 'other');
    }
  };
  const received = (count: number) => until(`${count} events`, () => reader.events.length >= count);

  await sendMore(20);
  await received(20);
  reader.cut();
  await sendMore(20);
  await received(25);
  reader.cut();
  await sendMore(5);
  // In the middle of whatever the reader has got to.
  await rig.stop();
  await rig.start();
  await sendMore(20);
  await received(65);
  reader.cut();
  await sendMore(1);
  await received(66);

  expect(reader.connections).toBeGreaterThanOrEqual(4);
  expect(reader.events.map(({ event }) => (event.payload as { n: number }).n)).toEqual(
    Array.from({ length: sent }, (_, index) => index),
  );
  const listed = (await list(rig, 'event_type=parcel')).toReversed();
  expect(reader.events.map(({ event }) => event)).toEqual(listed);
  expect(reader.events.map(({ type }) => type)).toEqual(listed.map(() => 'parcel'));
});

/** What the handler of the test's plugin does with an event; a throw is a failure. */
type Handling = (event: JournalEvent, signal: AbortSignal) => void | Promise<void>;

interface Ledger {
  readonly plugin: Plugin;
  /** Payloads in the order of the calls. */
  readonly calls: unknown[];
  handle: Handling;
}

/** A plugin that books every parcel in a table, doubles too, and announces it. */
function makeLedger(): Ledger {
  const folder = folderWith({
    'migrations/0001_entries.sql':
      'CREATE TABLE ledger_entries (event_id TEXT NOT NULL, n INTEGER NOT NULL);',
  });
  onTestFinished(() => folder[Symbol.dispose]());
  const ledger: Ledger = {
    calls: [],
    handle() {},
    plugin: definePlugin({
      name: 'ledger',
      emits: { booked: z.object({ n: z.number() }) },
      capabilities: ['events:read', 'events:emit'],
      migrations: folder.file('migrations'),
      setup: () => ({
        handlers: [
          onEvent<{ booked: { n: number } }, unknown, string>(
            'parcel',
            async (event, { tx, signal }) => {
              ledger.calls.push(event.payload);
              const { n } = event.payload as { n: number };
              tx.write(sql`insert into ledger_entries (event_id, n) values (${event.id}, ${n})`);
              tx.emit('booked', { n });
              await ledger.handle(event, signal);
            },
            { name: 'book' },
          ),
        ],
      }),
    }),
  };
  return ledger;
}

const booked = (rig: KernelRig) =>
  rig.sql<{ n: number }>('SELECT n FROM ledger_entries ORDER BY rowid').map(({ n }) => n);
const announced = async (rig: KernelRig) =>
  (await list(rig, 'event_type=ledger.booked&limit=2000')).map(({ payload }) => (payload as { n: number }).n);

/** Lets the clock run until the condition holds. */
async function untilLater(rig: KernelRig, what: string, look: () => boolean): Promise<void> {
  await until(what, async () => {
    await rig.clock.advance(100);
    return look();
  });
}

test('a handler gets each event at least once, in order, and its effects are there exactly once, over failures and restarts', async () => {
  const ledger = makeLedger();
  const rig = await start({ config: { plugins: [ledger.plugin] } });
  const failedOnce = new Set<number>();
  ledger.handle = ({ payload }) => {
    const { n } = payload as { n: number };
    if (n % 7 !== 3 || failedOnce.has(n)) return;
    failedOnce.add(n);
    throw new Error('not today');
  };
  for (let n = 0; n < 30; n += 1) {
    await send(rig, 'parcel', { n });
    await send(rig, 'other', { n });
  }
  await untilLater(rig, '30 entries', () => booked(rig).length === 30);

  // The kernel stops in the middle of a call, which ends with it; the same event is handled again by the next.
  const { handle } = ledger;
  let isWaiting = false;
  ledger.handle = ({ payload }, signal) => {
    if ((payload as { n: number }).n !== 32) return;
    isWaiting = true;
    return new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('stopped'))));
  };
  for (let n = 30; n < 35; n += 1) await send(rig, 'parcel', { n });
  await until('the call that waits', () => isWaiting);
  await rig.stop();
  expect(booked(rig)).toEqual(Array.from({ length: 32 }, (_, index) => index));
  ledger.handle = handle;
  await rig.start();
  await untilLater(rig, '35 entries', () => booked(rig).length >= 35);
  await rig.stop();
  await rig.start();
  await rig.kernel.quiet();

  const all = Array.from({ length: 35 }, (_, index) => index);
  expect(booked(rig)).toEqual(all);
  expect((await announced(rig)).toSorted((a, b) => a - b)).toEqual(all);
  const handled = ledger.calls.map((payload) => (payload as { n: number }).n);
  const extra = [3, 10, 17, 24, 31, 32].filter((n) => failedOnce.has(n) || n === 32);
  expect(handled).toEqual([...all, ...extra].toSorted((a, b) => a - b));
});

test('a handler that has never run begins with what comes then', async () => {
  const ledger = makeLedger();
  const rig = await start();
  await send(rig, 'parcel', { n: 1 });
  await rig.stop();
  await rig.start({ plugins: [ledger.plugin] });
  await send(rig, 'parcel', { n: 2 });
  await until('an entry', () => booked(rig).length > 0);
  expect(booked(rig)).toEqual([2]);
  // From then on it misses nothing, also while it is switched off.
  await rig.stop();
  await rig.start({});
  await send(rig, 'parcel', { n: 3 });
  await rig.stop();
  await rig.start({ plugins: [ledger.plugin] });
  await until('another entry', () => booked(rig).length > 1);
  expect(booked(rig)).toEqual([2, 3]);
});

interface ParkedItem {
  readonly id: string;
  readonly error: string;
  readonly attempts: number;
  readonly [member: string]: unknown;
}
const parked = async (rig: KernelRig) => (await rig.call('GET', '/api/v1/parked')).body as ParkedItem[];
const retry = (rig: KernelRig, id = '') => rig.call('POST', `/api/v1/parked/${id}/retry`);

/** A rig whose handler has failed on n = 1 for good. */
async function withParked(ledger: Ledger): Promise<KernelRig> {
  const rig = await start({ config: { plugins: [ledger.plugin] } });
  ledger.handle = ({ payload }) => {
    if ((payload as { n: number }).n === 1) throw new Error('the book is full');
  };
  for (const n of [0, 1, 2]) await send(rig, 'parcel', { n });
  await untilLater(rig, 'the entry behind it', () => booked(rig).includes(2));
  return rig;
}

test('what a handler fails on five times is parked with its error, and the events behind it go on', async () => {
  const ledger = makeLedger();
  const rig = await withParked(ledger);
  expect(ledger.calls).toEqual([0, 1, 1, 1, 1, 1, 2].map((n) => ({ n })));
  expect(booked(rig)).toEqual([0, 2]);
  expect(await parked(rig)).toEqual([
    {
      id: expect.stringMatching(/^park_[0-9a-f]{32}$/) as string,
      plugin: 'ledger',
      consumer: 'book',
      kind: 'event',
      lane: 0,
      seq: expect.any(Number) as number,
      error: 'the book is full',
      attempts: 5,
      parked_at: expect.stringMatching(/Z$/) as string,
      body: expect.objectContaining({ event_type: 'parcel' }) as unknown,
    },
  ]);
  await rig.stop();
  await rig.start();
  expect(await parked(rig)).toHaveLength(1);
  expect(ledger.calls).toHaveLength(7);
});

test('a parked event is retried on request: kept with its new error while it fails, gone with its effects once it does not', async () => {
  const ledger = makeLedger();
  const rig = await withParked(ledger);
  const [item] = await parked(rig);
  ledger.handle = () => Promise.reject(new Error('still full'));
  expect((await retry(rig, item?.id)).status).toBe(202);
  expect(await parked(rig)).toMatchObject([{ id: item?.id, error: 'still full', attempts: 6 }]);
  expect(booked(rig)).toEqual([0, 2]);

  ledger.handle = () => {};
  expect(await retry(rig, item?.id)).toMatchObject({ status: 202, body: { id: item?.id, retrying: true } });
  expect(await parked(rig)).toEqual([]);
  expect(booked(rig)).toEqual([0, 2, 1]);
  expect((await retry(rig, item?.id)).status).toBe(404);
});

test('a parked event that is retried twice at the same time takes effect once', async () => {
  const ledger = makeLedger();
  const rig = await withParked(ledger);
  const [item] = await parked(rig);
  let release = () => {};
  const gate = new Promise<void>((resolve) => (release = resolve));
  ledger.handle = () => gate;
  const both = [retry(rig, item?.id), retry(rig, item?.id)];
  await until('the first retry', () => ledger.calls.length >= 8);
  release();
  const statuses = (await Promise.all(both)).map(({ status }) => status);
  expect(statuses.toSorted((a, b) => a - b)).toEqual([202, 409]);
  expect(booked(rig)).toEqual([0, 2, 1]);
  expect(await parked(rig)).toEqual([]);
});

test('a parked event that nobody wants is dropped, and is not handled again', async () => {
  const ledger = makeLedger();
  const rig = await withParked(ledger);
  const [item] = await parked(rig);
  expect((await rig.call('DELETE', `/api/v1/parked/${item?.id}`)).status).toBe(204);
  expect(await parked(rig)).toEqual([]);
  expect((await retry(rig, item?.id)).status).toBe(404);
  expect(booked(rig)).toEqual([0, 2]);
});
