/** What becomes of something a consumer failed on, when somebody asks to run it again? */
import { consumer, sql, z, type Batch, type ConsumerDefinition, type Effects } from '@heldar/plugin-sdk';
import { afterEach, expect, test } from 'vitest';
import { createEventTypes } from '../plugins/event-types.ts';
import { createParkedQueries, type ParkedRow } from '../store/parked-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';

type Events = { seen: { n: number } };
type Consume = (batch: Batch, fx: Effects<Events>) => void | Promise<void>;

let opened: TestStore | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

/** A consumer that writes a row a batch and counts in its state, and whose further doings the test sets. */
async function start(): Promise<{ host: TestStore; does(then: Consume): void; parked(): ParkedRow[] }> {
  const host = await openTestStore({
    tables: "CREATE TABLE test_rows (label TEXT NOT NULL CHECK (label <> 'refused'), n INTEGER NOT NULL)",
  });
  opened = host;
  let also: Consume = () => {};
  const definition: ConsumerDefinition<'*', Events, never> = consumer({
    name: 'rows',
    async consume(batch, fx) {
      const n = (fx.state.get<number>('n') ?? 0) + 1;
      fx.state.set('n', n);
      fx.emit('seen', { n: batch.seq });
      fx.write(sql`insert into test_rows values (${batch.detections[0]?.label ?? ''}, ${n})`);
      await also(batch, fx);
    },
  });
  const events = createEventTypes('test', { seen: z.object({ n: z.number() }) });
  await host.attach({ plugin: 'test', consumes: '*', definition, events });
  const queries = createParkedQueries(host.store.reader);
  return { host, does: (then) => void (also = then), parked: () => queries.list(10) };
}

async function send(host: TestStore, label: string): Promise<void> {
  const detections = [{ label, confidence: null, bbox: null, track_id: null, attributes: {} }];
  await host.ingest.accept({
    camera_id: 'gate',
    task_type: 'a',
    timestamp: null,
    frame_id: null,
    detections,
    event: null,
  });
}

/** Sends what can't be processed, and lets the pauses between the tries go by until it is parked. */
async function sendToPark({ host, parked }: { host: TestStore; parked(): ParkedRow[] }, label: string) {
  await send(host, label);
  const parkedOne = async () => {
    await host.clock.advance(1_000);
    return parked()[0];
  };
  await expect.poll(parkedOne, { timeout: 10_000 }).toBeDefined();
  await host.dispatcher.quiet();
  return parked()[0] as ParkedRow;
}

const labels = (host: TestStore) =>
  host.sql('SELECT label FROM test_rows ORDER BY rowid').map((row) => (row as { label: string }).label);
const counted = (host: TestStore) => host.sql('SELECT value FROM consumer_state');

test('it runs again with the state of now; its effects and its end are one commit', async () => {
  const rig = await start();
  const { host, does, parked } = rig;
  does(() => Promise.reject(new Error('not today')));
  const item = await sendToPark(rig, 'first');
  does(() => {});
  await send(host, 'second');
  await host.dispatcher.quiet();
  expect(item).toMatchObject({ kind: 'record', error: 'not today', attempts: 5 });
  expect(labels(host)).toEqual(['second']);

  await host.dispatcher.retryParked(item);
  await host.dispatcher.quiet();
  expect(parked()).toEqual([]);
  expect(labels(host)).toEqual(['second', 'first']);
  expect(counted(host)).toEqual([{ value: '2' }]);
  expect(host.sql('SELECT 1 FROM events')).toHaveLength(2);
});

test('asked for twice, before and while it runs, it takes effect once', async () => {
  const rig = await start();
  const { host, does, parked } = rig;
  does(() => Promise.reject(new Error('not today')));
  const item = await sendToPark(rig, 'first');
  let release = () => {};
  let calls = 0;
  const gate = new Promise<void>((resolve) => (release = resolve));
  does(() => {
    calls += 1;
    return gate;
  });
  const { dispatcher } = host;
  const answers = [dispatcher.retryParked(item), dispatcher.retryParked(item)];
  await expect.poll(() => calls).toBe(1);
  answers.push(dispatcher.retryParked(item));
  const outcomes = Promise.allSettled(answers);
  release();
  expect((await outcomes).map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
  await dispatcher.quiet();
  expect(labels(host)).toEqual(['first']);
  expect(counted(host)).toEqual([{ value: '1' }]);
  expect(parked()).toEqual([]);
});

test('when it fails again it stays, with the new error, and leaves no trace; the lane goes on', async () => {
  const rig = await start();
  const { host, does, parked } = rig;
  does(() => Promise.reject(new Error('not today')));
  const item = await sendToPark(rig, 'first');
  does(() => Promise.reject(new Error('nor tomorrow')));
  await host.dispatcher.retryParked(item);
  await host.dispatcher.quiet();
  expect(parked()).toMatchObject([{ error: 'nor tomorrow', attempts: 6 }]);
  expect(labels(host)).toEqual([]);
  expect(counted(host)).toEqual([]);
  expect(host.dispatcher.stats()).toMatchObject([{ failing: null, lagRecords: 0 }]);
  does(() => {});
  await send(host, 'second');
  await host.dispatcher.quiet();
  expect(labels(host)).toEqual(['second']);
});

test('when the store refuses it again it stays, and nothing of the lane is held to be failing', async () => {
  const rig = await start();
  const { host, parked } = rig;
  const item = await sendToPark(rig, 'refused');
  expect([item]).toMatchObject([{ error: expect.stringContaining('CHECK constraint') as string }]);
  await host.dispatcher.retryParked(item);
  await host.dispatcher.quiet();
  expect(parked()).toMatchObject([
    { error: expect.stringContaining('CHECK constraint') as string, attempts: 6 },
  ]);
  expect(host.dispatcher.stats()).toMatchObject([{ failing: null, lagRecords: 0 }]);
  await send(host, 'second');
  await host.dispatcher.quiet();
  expect(labels(host)).toEqual(['second']);
  expect(counted(host)).toEqual([{ value: '1' }]);
});

test.for(['succeeds', 'fails'])(
  'what is dropped while it runs again and %s stays dropped, without a trace; the lane goes on',
  async (how) => {
    const rig = await start();
    const { host, does, parked } = rig;
    does(() => Promise.reject(new Error('not today')));
    const item = await sendToPark(rig, 'first');
    const gate = Promise.withResolvers<void>();
    let calls = 0;
    does(() => {
      calls += 1;
      return gate.promise;
    });
    await host.dispatcher.retryParked(item);
    await expect.poll(() => calls, { timeout: 10_000 }).toBe(1);
    await host.store.write('parked.drop', { id: item.id });
    if (how === 'succeeds') gate.resolve();
    else gate.reject(new Error('nor tomorrow'));
    await host.dispatcher.quiet();
    expect(parked()).toEqual([]);
    expect(labels(host)).toEqual([]);
    expect(counted(host)).toEqual([]);
    expect(host.dispatcher.stats()).toMatchObject([{ failing: null, lagRecords: 0 }]);
    does(() => {});
    await send(host, 'second');
    await host.dispatcher.quiet();
    expect(labels(host)).toEqual(['second']);
  },
);
