/** Does the store say where each event comes from, and which tables consumers write? */
import { consumer, sql, z, type ConsumerDefinition } from '@heldar/plugin-sdk';
import { afterEach, expect, test } from 'vitest';
import type { ConsumerSpec } from '../detections/dispatcher.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';

let opened: TestStore | null = null;
afterEach(async () => {
  await opened?.close();
  opened = null;
});

type Events = { seen: { n: number } };

const tables = `
  CREATE TABLE test_visits (id TEXT PRIMARY KEY, n INTEGER NOT NULL);
  CREATE TABLE test_totals (n INTEGER NOT NULL);
  CREATE TABLE test_other (n INTEGER NOT NULL);
  CREATE TRIGGER test_total AFTER INSERT ON test_visits BEGIN UPDATE test_totals SET n = n + 1; END;
  INSERT INTO test_totals VALUES (0);`;

const visits = consumer<'*', Events, never>({
  name: 'visits',
  consume(batch, fx) {
    fx.state.set('last', batch.seq);
    fx.write(sql`INSERT INTO test_visits (id, n) VALUES (${fx.id('visit')}, ${batch.seq})`);
    fx.write(sql`UPDATE test_other SET n = ${batch.seq}`);
    fx.emit('seen', { n: batch.seq });
  },
  tick: { every: '1s', run: (fx) => void fx.emit('seen', { n: 0 }) },
});

function spec(definition: ConsumerDefinition<'*', Events, never>, version: string): ConsumerSpec {
  return {
    plugin: 'test',
    consumes: '*',
    definition,
    events: createEventTypes('test', { seen: z.object({ n: z.number() }) }),
    generation: { version, config: '{}' },
  };
}

let frames = 0;
function send(host: TestStore, event: { event_type: string } | null = null) {
  return host.ingest.accept({
    camera_id: 'yard',
    task_type: 'people',
    timestamp: null,
    frame_id: `f${(frames += 1)}`,
    detections: [],
    event: event === null ? null : { ...event, severity: 'info', payload: {} },
  });
}

async function settle(host: TestStore): Promise<void> {
  await host.clock.advance(3_000);
  await host.dispatcher.quiet();
}

test('an event names its consumer, its epoch and lane, and the record or tick that brought it about', async () => {
  const host = (opened = await openTestStore({ tables }));
  const attached = await host.attach(spec(visits, '1.0.0'));
  await send(host);
  await settle(host);
  await attached.detach();
  await host.attach(spec(visits, '1.0.0'));
  await send(host);
  await host.dispatcher.quiet();
  const events = host.sql(
    `SELECT DISTINCT c.name, e.epoch, e.lane, e.cause, iif(e.cause = 'record', e.cause_at, e.at_ms = e.cause_at) AS at
     FROM events e JOIN consumers c ON c.id = e.consumer_id ORDER BY e.seq`,
  );
  const origin = { name: 'visits', lane: 2 };
  expect(events).toEqual([
    { ...origin, epoch: 1, cause: 'record', at: 1 },
    { ...origin, epoch: 1, cause: 'tick', at: 1 },
    { ...origin, epoch: 2, cause: 'record', at: 2 },
  ]);
});

test('the event that a worker posts names its batch, and no consumer', async () => {
  const host = (opened = await openTestStore());
  await send(host);
  await send(host, { event_type: 'alarm' });
  expect(host.sql('SELECT consumer_id, epoch, lane, cause, cause_at FROM events')).toEqual([
    { consumer_id: null, epoch: null, lane: null, cause: 'record', cause_at: 2 },
  ]);
});

test('what a consumer runs with is kept once for each change of it', async () => {
  const host = (opened = await openTestStore({ tables }));
  for (const version of ['1.0.0', '1.0.0', '1.1.0', '1.0.0'])
    await (await host.attach(spec(visits, version))).detach();
  expect(host.sql('SELECT epoch, version, config FROM generations ORDER BY epoch')).toEqual([
    { epoch: 1, version: '1.0.0', config: '{}' },
    { epoch: 3, version: '1.1.0', config: '{}' },
    { epoch: 4, version: '1.0.0', config: '{}' },
  ]);
});

test('tables that consumers make rows in are told from those they only change, also through triggers', async () => {
  const host = (opened = await openTestStore({ tables }));
  await host.attach(spec(visits, '1.0.0'));
  await send(host);
  await host.dispatcher.quiet();
  expect(host.sql('SELECT name, inserts FROM consumer_tables ORDER BY name')).toEqual([
    { name: 'test_other', inserts: 0 },
    { name: 'test_totals', inserts: 1 },
    { name: 'test_visits', inserts: 1 },
  ]);
});

test('the tables of a step that failed are not noted, and are when another succeeds', async () => {
  const host = (opened = await openTestStore({ tables }));
  let isBroken = true;
  await host.attach(
    spec(
      consumer<'*', Events, never>({
        name: 'visits',
        consume(_, fx) {
          fx.write(sql`UPDATE test_other SET n = 1`);
          if (isBroken) fx.write(sql`INSERT INTO test_visits (id, n) VALUES ('a', NULL)`);
        },
      }),
      '',
    ),
  );
  await send(host);
  await expect.poll(() => host.failures.length).toBeGreaterThan(0);
  expect(host.sql('SELECT name FROM consumer_tables')).toEqual([]);
  isBroken = false;
  await host.clock.advance(60_000);
  await expect.poll(() => host.sql('SELECT name FROM consumer_tables')).toEqual([{ name: 'test_other' }]);
});
