/** Does an event that a handler failed on take effect at most once, however often and by whomever it is tried again? */
import { onEvent, sql, z } from '@heldar/plugin-sdk';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { newId } from '../ids.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import type { TxOwner } from '../plugins/tx.ts';
import { noWatch } from '../runtime/watchdog.ts';
import { createParkedQueries, type ParkedRow } from '../store/parked-queries.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { createEventHandlers, type EventHandlers } from './handlers.ts';

const events = createEventTypes('test', { parcel: z.object({}) });
const owner: TxOwner = { plugin: 'test', events, recordTypes: new Set(), siteOf: () => null };

let host: TestStore;
let handlers: EventHandlers;

beforeEach(async () => {
  host = await openTestStore({ tables: 'CREATE TABLE test_rows (by TEXT NOT NULL)' });
  const { store, clock } = host;
  handlers = createEventHandlers({
    store,
    clock,
    random: () => 0.5,
    watch: noWatch,
    onFailed: () => undefined,
  });
});
afterEach(async () => {
  await handlers.stop();
  await host.close();
});

const parked = () => createParkedQueries(host.store.reader).list(10);
const rows = () => host.sql('SELECT by FROM test_rows').map((row) => (row as { by: string }).by);

/** A generation of the handler that writes its name, then does what the test wants. */
async function attach(by: string, then: () => void | Promise<void>): Promise<{ detach(): Promise<void> }> {
  const handler = onEvent('parcel', async (_event, { tx }) => {
    tx.write(sql`insert into test_rows values (${by})`);
    await then();
  });
  return handlers.attach({ owner, handler });
}

/** A parked event, and the generation that failed on it; `retry` begins one that lasts until the test ends it. */
async function parkOne() {
  const gate = Promise.withResolvers<void>();
  let goes: () => void | Promise<void> = () => Promise.reject(new Error('not today'));
  const older = await attach('older', () => goes());
  const { clock, store } = host;
  await store.write('events.append', [
    {
      id: newId('event', clock.now()),
      cameraId: null,
      siteId: null,
      type: 'test.parcel',
      severity: 'info',
      atMs: clock.now(),
      payload: '{}',
      source: 'test',
    },
  ]);
  handlers.onJournal(1);
  const parkedOne = async () => {
    await clock.advance(1_000);
    return parked()[0];
  };
  await expect.poll(parkedOne, { timeout: 20_000 }).toBeDefined();
  goes = () => gate.promise;
  const item = parked()[0] as ParkedRow;
  const outcome = (retrying: Promise<void>) =>
    retrying.then(
      () => 'done',
      (error: unknown) => (error as { code?: string }).code ?? String(error),
    );
  return { item, older, gate, retry: () => outcome(handlers.retryParked(item)) };
}

test('a generation that ends waits for the retry that is under way', async () => {
  const { older, gate, retry } = await parkOne();
  const order: string[] = [];
  const retrying = retry().then((how) => order.push(how));
  expect(handlers.isQuiet()).toBe(false);
  const ending = older.detach().then(() => order.push('ended'));
  gate.resolve();
  await Promise.all([retrying, ending]);
  expect(order).toEqual(['done', 'ended']);
  expect(rows()).toEqual(['older']);
  expect(parked()).toEqual([]);
});

test.for(['succeeds', 'fails'])(
  'a retry that outlives its generation and %s changes nothing when the next has done it',
  async (how) => {
    const { item, older, gate, retry } = await parkOne();
    const late = retry();
    const ending = older.detach();
    await attach('newer', () => undefined);
    await handlers.retryParked(item);
    if (how === 'succeeds') gate.resolve();
    else gate.reject(new Error('nor tomorrow'));
    expect(await late).toBe('conflict');
    await ending;
    expect(rows()).toEqual(['newer']);
    expect(parked()).toEqual([]);
  },
);

test.for(['succeeds', 'fails'])(
  'what is dropped while a retry of it goes on and %s stays dropped',
  async (how) => {
    const { item, gate, retry } = await parkOne();
    const late = retry();
    await host.store.write('parked.drop', { id: item.id });
    if (how === 'succeeds') gate.resolve();
    else gate.reject(new Error('nor tomorrow'));
    expect(await late).toBe('conflict');
    expect(rows()).toEqual([]);
    expect(parked()).toEqual([]);
  },
);

test('when it fails again it stays, with the new error', async () => {
  const { gate, retry } = await parkOne();
  const retrying = retry();
  gate.reject(new Error('nor tomorrow'));
  expect(await retrying).toBe('done');
  expect(rows()).toEqual([]);
  expect(parked()).toMatchObject([{ error: 'nor tomorrow', attempts: 6 }]);
});

test('a handler that has ended is not asked again', async () => {
  const { retry } = await parkOne();
  await handlers.stop();
  expect(await retry()).toBe('unavailable');
  expect(parked()).toHaveLength(1);
});
