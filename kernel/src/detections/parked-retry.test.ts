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
  const { clock, dispatcher } = host;
  await host.ingest.accept({
    camera_id: 'gate',
    task_type: 'a',
    timestamp: null,
    frame_id: null,
    detections,
    event: null,
  });
  // Five tries, with their pauses.
  for (let step = 0; step < 20; step += 1) {
    await clock.advance(5_000);
    await new Promise((resolve) => setImmediate(resolve));
  }
  await dispatcher.quiet();
}

const labels = (host: TestStore) =>
  host.sql('SELECT label FROM test_rows ORDER BY rowid').map((row) => (row as { label: string }).label);
const counted = (host: TestStore) => host.sql('SELECT value FROM consumer_state');

test('it runs again with the state of now; its effects and its end are one commit', async () => {
  const { host, does, parked } = await start();
  does(() => Promise.reject(new Error('not today')));
  await send(host, 'first');
  does(() => {});
  await send(host, 'second');
  const [item] = parked();
  expect(item).toMatchObject({ kind: 'record', error: 'not today', attempts: 5 });
  expect(labels(host)).toEqual(['second']);

  await host.dispatcher.retryParked(item as ParkedRow);
  await host.dispatcher.quiet();
  expect(parked()).toEqual([]);
  expect(labels(host)).toEqual(['second', 'first']);
  expect(counted(host)).toEqual([{ value: '2' }]);
  expect(host.sql('SELECT 1 FROM events')).toHaveLength(2);
});

test('asked for twice, before and while it runs, it takes effect once', async () => {
  const { host, does, parked } = await start();
  does(() => Promise.reject(new Error('not today')));
  await send(host, 'first');
  let release = () => {};
  let calls = 0;
  const gate = new Promise<void>((resolve) => (release = resolve));
  does(() => {
    calls += 1;
    return gate;
  });
  const item = parked()[0] as ParkedRow;
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
  const { host, does, parked } = await start();
  does(() => Promise.reject(new Error('not today')));
  await send(host, 'first');
  does(() => Promise.reject(new Error('nor tomorrow')));
  await host.dispatcher.retryParked(parked()[0] as ParkedRow);
  await host.dispatcher.quiet();
  expect(parked()).toMatchObject([{ error: 'nor tomorrow', attempts: 6 }]);
  expect(labels(host)).toEqual([]);
  expect(counted(host)).toEqual([]);
  expect(host.dispatcher.stats()).toMatchObject([{ failing: null, lagRecords: 0 }]);
  does(() => {});
  await send(host, 'second');
  expect(labels(host)).toEqual(['second']);
});

test('when the store refuses it again it stays, and nothing of the lane is held to be failing', async () => {
  const { host, parked } = await start();
  await send(host, 'refused');
  expect(parked()).toMatchObject([{ error: expect.stringContaining('CHECK constraint') as string }]);
  await host.dispatcher.retryParked(parked()[0] as ParkedRow);
  await host.dispatcher.quiet();
  expect(parked()).toMatchObject([
    { error: expect.stringContaining('CHECK constraint') as string, attempts: 6 },
  ]);
  expect(host.dispatcher.stats()).toMatchObject([{ failing: null, lagRecords: 0 }]);
  await send(host, 'second');
  expect(labels(host)).toEqual(['second']);
  expect(counted(host)).toEqual([{ value: '1' }]);
});
