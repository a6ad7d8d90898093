import { consumer, sql, z } from '@heldar/plugin-sdk';
import type { ConsumerDefinition } from '@heldar/plugin-sdk';
import { afterEach, expect, test } from 'vitest';
import { createEventTypes } from '../plugins/event-types.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import type { ConsumerSpec } from './dispatcher.ts';

let opened: TestStore | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

async function start(tables?: string): Promise<TestStore> {
  opened = await openTestStore(tables === undefined ? {} : { tables });
  return opened;
}

type Events = { seen: { n: number } };

function spec(definition: ConsumerDefinition<'*', Events, never>): ConsumerSpec {
  const events = createEventTypes('test', { seen: z.object({ n: z.number() }) });
  return { plugin: 'test', consumes: '*', definition, events };
}

/** Lets the pauses between the tries go by. */
async function passUntilParked(host: TestStore): Promise<void> {
  const parked = async () => {
    await host.clock.advance(5_000);
    return host.sql('SELECT 1 FROM parked').length;
  };
  await expect.poll(parked, { timeout: 10_000 }).toBeGreaterThan(0);
}

let frames = 0;
function send(host: TestStore, camera: string, label = 'person', taskType = 'people') {
  const detection = { label, confidence: 0.9, bbox: [0, 0, 1, 1], track_id: '7', attributes: {} };
  return host.ingest.accept({
    camera_id: camera,
    task_type: taskType,
    timestamp: null,
    frame_id: `f${(frames += 1)}`,
    detections: [detection],
    event: null,
  });
}

test('batches of a camera reach the consumer in order, and their effects are committed', async () => {
  const host = await start();
  const seen: number[] = [];
  await host.attach(
    spec(
      consumer({
        name: 'order',
        async consume(batch, fx) {
          await new Promise((resolve) => setImmediate(resolve));
          seen.push(batch.seq);
          const count = (fx.state.get<number>('count') ?? 0) + 1;
          fx.state.set('count', count);
          fx.emit('seen', { n: count });
        },
      }),
    ),
  );
  await Promise.all(Array.from({ length: 50 }, () => send(host, 'gate')));
  await host.dispatcher.quiet();
  expect(seen).toEqual([...seen].sort((a, b) => a - b));
  expect(host.sql('SELECT payload FROM events ORDER BY seq')).toEqual(
    Array.from({ length: 50 }, (_, index) => ({ payload: JSON.stringify({ n: index + 1 }) })),
  );
  expect(host.sql('SELECT value FROM consumer_state')).toEqual([{ value: '50' }]);
});

test('a call that throws leaves no trace, is tried again, and is parked with its error when it never succeeds', async () => {
  const host = await start();
  let calls = 0;
  await host.attach(
    spec(
      consumer({
        name: 'picky',
        consume(batch, fx) {
          fx.state.set('touched', batch.seq);
          fx.emit('seen', { n: batch.seq });
          if (batch.detections[0]?.label !== 'bad') return;
          calls += 1;
          throw new Error('I do not like it');
        },
      }),
    ),
  );
  await send(host, 'gate', 'bad');
  await send(host, 'gate', 'good');
  await passUntilParked(host);
  await host.dispatcher.quiet();
  expect(calls).toBe(5);
  expect(host.sql('SELECT kind, error, attempts FROM parked')).toEqual([
    { kind: 'record', error: 'I do not like it', attempts: 5 },
  ]);
  expect(host.sql('SELECT payload FROM events')).toEqual([{ payload: '{"n":2}' }]);
  expect(host.failures.at(-1)).toMatchObject({ parked: true, attempts: 5 });
});

test('a statement the store refuses drops that batch and the later ones of its lane only, which then run again', async () => {
  const host = await start(
    "CREATE TABLE test_rows (n INTEGER PRIMARY KEY, label TEXT CHECK (label <> 'bad'))",
  );
  await host.attach(
    spec(
      consumer({
        name: 'rows',
        consume(batch, fx) {
          const label = batch.detections[0]?.label ?? '';
          fx.write(sql`insert into test_rows (n, label) values (${batch.seq}, ${label})`);
          fx.state.set('last', label);
        },
      }),
    ),
  );
  await Promise.all([
    send(host, 'gate', 'a'),
    send(host, 'gate', 'bad'),
    send(host, 'gate', 'b'),
    send(host, 'yard', 'c'),
  ]);
  await passUntilParked(host);
  await host.dispatcher.quiet();
  expect(host.sql('SELECT label FROM test_rows ORDER BY label')).toEqual([
    { label: 'a' },
    { label: 'b' },
    { label: 'c' },
  ]);
  expect(host.sql('SELECT error FROM parked')).toEqual([
    { error: expect.stringContaining('CHECK constraint failed') },
  ]);
});

test('a batch that throws does not run before those in front of it that the store has refused meanwhile', async () => {
  const host = await start("CREATE TABLE test_rows (label TEXT CHECK (label <> 'bad'))");
  let throws = true;
  await host.attach(
    spec(
      consumer({
        name: 'rows',
        consume(batch, fx) {
          const label = batch.detections[0]?.label ?? '';
          if (label === 'once' && throws) {
            throws = false;
            throw new Error('not this time');
          }
          fx.write(sql`insert into test_rows (label) values (${label})`);
        },
      }),
    ),
  );
  await Promise.all(['a', 'bad', 'b', 'once', 'c'].map((label) => send(host, 'gate', label)));
  await passUntilParked(host);
  await host.clock.advance(60_000);
  await host.dispatcher.quiet();
  expect(host.sql('SELECT label FROM test_rows ORDER BY rowid')).toEqual(
    ['a', 'b', 'once', 'c'].map((label) => ({ label })),
  );
  expect(host.sql('SELECT seq, attempts FROM parked')).toEqual([{ seq: 2, attempts: 5 }]);
});

test('ticks run in log time between records, also after a restart, while the lane holds state', async () => {
  const host = await start();
  const definition = () =>
    spec(
      consumer({
        name: 'ticking',
        consume: (batch, fx) => fx.state.set('since', batch.received),
        tick: {
          every: '1s',
          idle: 'skip',
          run(fx) {
            const since = fx.state.get<number>('since') ?? 0;
            if (fx.now - since < 3000) return;
            fx.emit('seen', { n: fx.now - since });
            fx.state.delete('since');
          },
        },
      }),
    );
  await host.attach(definition());
  await host.clock.advance(250);
  await send(host, 'gate');
  await host.clock.advance(1500);
  await host.dispatcher.quiet();
  expect(host.sql('SELECT 1 FROM events')).toEqual([]);
  opened = await host.restart();
  await opened.clock.advance(60_000);
  await opened.attach(definition());
  await opened.clock.advance(100);
  await opened.dispatcher.quiet();
  expect(opened.sql('SELECT payload FROM events')).toEqual([{ payload: '{"n":3750}' }]);
  await opened.clock.advance(60_000);
  expect(opened.sql('SELECT count(*) AS n FROM events')).toEqual([{ n: 1 }]);
});

test('without ticks to come nothing wakes but the look at cursors; with one, that', async () => {
  const host = await start();
  const wakes = async (ms: number) => {
    let count = 0;
    await host.clock.advance(ms, async () => {
      count += 1;
      await host.dispatcher.quiet();
    });
    return count;
  };
  await host.attach(
    spec(
      consumer({
        name: 'rare',
        consume: (batch, fx) => fx.state.set('since', batch.received),
        tick: { every: '10s', idle: 'skip', run: (fx) => fx.state.delete('since') },
      }),
    ),
  );
  expect(await wakes(20_000)).toBe(10);
  await send(host, 'gate');
  await host.dispatcher.quiet();
  // The tick, and a look whether it is done.
  expect(await wakes(20_000)).toBe(12);
  expect(host.sql('SELECT 1 FROM consumer_state')).toEqual([]);
});

test('ticks begin with the first batch a consumer wants, whether it saw the others before it or not', async () => {
  const host = await start();
  const definition = (): ConsumerSpec => ({
    ...spec(
      consumer({
        name: 'picky ticks',
        order: 'all',
        consume: () => {},
        tick: { every: '1s', run: (fx) => void fx.emit('seen', { n: fx.now }) },
      }),
    ),
    consumes: ['cars'],
  });
  await host.attach(definition());
  await send(host, 'gate');
  await host.clock.advance(1500);
  await host.dispatcher.quiet();
  opened = await host.restart();
  await opened.attach(definition());
  await opened.clock.advance(1500);
  await opened.dispatcher.quiet();
  expect(opened.sql('SELECT payload FROM events')).toEqual([]);
  await send(opened, 'gate', 'car', 'cars');
  const from = opened.clock.now();
  await opened.clock.advance(1500);
  await opened.dispatcher.quiet();
  const first = Math.ceil(from / 1000) * 1000;
  expect(opened.sql('SELECT payload FROM events LIMIT 1')).toEqual([
    { payload: JSON.stringify({ n: first }) },
  ]);
});

test('a call that never settles times out, and what it does afterwards is refused', async () => {
  const host = await start();
  const late: unknown[] = [];
  const releases: (() => void)[] = [];
  await host.attach(
    spec(
      consumer({
        name: 'slow',
        timeoutMs: 1000,
        async consume(batch, fx) {
          if (batch.seq > 1 || releases.length > 0) return;
          await new Promise<void>((resolve) => releases.push(resolve));
          try {
            fx.emit('seen', { n: 1 });
          } catch (error) {
            late.push(error);
          }
        },
      }),
    ),
  );
  await send(host, 'gate');
  await host.clock.advance(1500);
  releases[0]?.();
  await expect.poll(() => late.length).toBe(1);
  expect(String(late[0])).toContain('after its call had ended');
  expect(host.failures[0]?.error).toMatchObject({ message: 'test.slow did not finish within 1000 ms' });
  for (const release of releases) release();
  await host.clock.advance(5000);
  expect(host.sql('SELECT 1 FROM events')).toEqual([]);
});

test('an older generation can commit nothing once a newer one has started', async () => {
  const host = await start();
  let release = () => {};
  await host.attach(
    spec(
      consumer({
        name: 'swapped',
        async consume(_, fx) {
          await new Promise<void>((resolve) => (release = resolve));
          fx.emit('seen', { n: 1 });
        },
      }),
    ),
  );
  await send(host, 'gate');
  await new Promise((resolve) => setImmediate(resolve));
  await host.store.write('consumers.start', {
    kind: 'consumer',
    plugin: 'test',
    name: 'swapped',
    ordering: 'camera',
    from: 'head',
  });
  release();
  await host.dispatcher.quiet();
  expect(host.sql('SELECT 1 FROM events')).toEqual([]);
  expect(host.sql('SELECT 1 FROM lanes')).toEqual([]);
});

test('fx.read sees what earlier batches of the lane wrote', async () => {
  const host = await start('CREATE TABLE test_rows (n INTEGER PRIMARY KEY)');
  const counts: unknown[] = [];
  await host.attach(
    spec(
      consumer({
        name: 'reader',
        async consume(batch, fx) {
          counts.push(...(await fx.read(sql`select count(*) as n from test_rows`)));
          fx.write(sql`insert into test_rows values (${batch.seq})`);
        },
      }),
    ),
  );
  await Promise.all([send(host, 'gate'), send(host, 'gate'), send(host, 'gate')]);
  await host.dispatcher.quiet();
  expect(counts).toEqual([{ n: 0 }, { n: 1 }, { n: 2 }]);
});

test('a batch is frozen: a consumer that changes it fails alone', async () => {
  const host = await start();
  await host.attach(
    spec(
      consumer({
        name: 'vandal',
        consume: (batch) => void ((batch as { taskType: string }).taskType = 'mine'),
      }),
    ),
  );
  await send(host, 'gate');
  await expect.poll(() => host.failures.length).toBeGreaterThan(0);
  expect(String(host.failures[0]?.error)).toContain('read only');
});
