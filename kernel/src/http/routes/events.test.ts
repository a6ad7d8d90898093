/** Can the journal be paged and followed without losing or repeating an event? */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, onTestFinished, test } from 'vitest';
import { openKeyring } from '../../secrets/keyring.ts';
import { openWriter } from '../../store/database.ts';
import { kernelMigrations } from '../../store/kernel-migrations.ts';
import { migrate } from '../../store/migrations/migrate.ts';
import { openStore, type Store } from '../../store/store.ts';
import { createFakeClock, type FakeClock } from '../../testing/fake-clock.ts';
import { eventually, testHttp } from '../http-for-tests.ts';
import type { Http } from '../server.ts';
import { eventRoutes } from './events.ts';

let folder: string;
let store: Store;
let http: Http;
let clock: FakeClock;
const listeners = new Set<() => void>();

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'heldar-events-'));
  const file = join(folder, 'heldar.db');
  clock = createFakeClock();
  const db = openWriter(file);
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  db.close();
  store = await openStore({
    file,
    clock,
    keyring: openKeyring(file, { key: null, keyFile: join(folder, 'secret.key') }),
    listeners: {
      onBatch() {},
      onRecord() {},
      onSettled() {},
      onExit(error) {
        throw error;
      },
      onJournal() {
        for (const listener of listeners) listener();
      },
    },
  });
  const news = {
    onAdvance(callback: () => void) {
      listeners.add(callback);
      return () => void listeners.delete(callback);
    },
  };
  ({ http } = testHttp(eventRoutes({ db: store.read, clock, news })));
});
afterEach(async () => {
  await http.stop(0);
  await store.close();
  rmSync(folder, { recursive: true });
});

let made = 0;
async function emit(...types: string[]): Promise<void> {
  await store.write(
    'events.append',
    types.map((type) => ({
      id: `00000000-0000-4000-8000-${String((made += 1)).padStart(12, '0')}`,
      cameraId: 'gate',
      siteId: 'hq',
      type,
      severity: type === 'bad' ? 'critical' : 'info',
      atMs: clock.now() + made,
      payload: JSON.stringify({ type }),
      source: 'worker',
    })),
  );
}

interface Shown {
  readonly event_type: string;
  readonly timestamp: string;
}

async function list(query = '') {
  const response = await http.inject(`/api/v1/events${query}`);
  const body = (await response.json()) as Shown[] | { error: string };
  return { status: response.status, next: response.headers.get('x-next-after'), body };
}
const typesOf = (body: unknown) => (body as Shown[]).map(({ event_type: type }) => type);

test('an event has exactly the members of the contract', async () => {
  await emit('bad');
  const { body } = await list();
  expect(body).toEqual([
    {
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      camera_id: 'gate',
      site_id: 'hq',
      event_type: 'bad',
      severity: 'critical',
      timestamp: expect.stringMatching(/^2026-01-01T00:00:00\.\d{3}Z$/),
      payload: { type: 'bad' },
      created_at: '2026-01-01T00:00:00Z',
    },
  ]);
});

test('a full page names the position behind which the next begins', async () => {
  await emit('a', 'b', 'c', 'd', 'e');
  const first = await list('?limit=2');
  expect([typesOf(first.body), first.next]).toEqual([['e', 'd'], expect.any(String)]);
  const second = await list(`?limit=2&after=${first.next}`);
  expect(typesOf(second.body)).toEqual(['c', 'b']);
  const last = await list(`?limit=2&after=${second.next}`);
  expect([typesOf(last.body), last.next]).toEqual([['a'], null]);
});

test('filters and bounds confine a page', async () => {
  await emit('a', 'bad', 'c');
  expect(typesOf((await list('?severity=critical')).body)).toEqual(['bad']);
  expect(typesOf((await list('?event_type=c&camera_id=gate')).body)).toEqual(['c']);
  expect((await list('?camera_id=nowhere')).body).toEqual([]);
  const [, middle] = (await list()).body as [Shown, Shown];
  expect(typesOf((await list(`?from=${middle.timestamp}&to=${middle.timestamp}`)).body)).toEqual(['bad']);
  expect(typesOf((await list(`?from=${middle.timestamp.replace('Z', '5Z')}`)).body)).toEqual(['c']);
});

test.for(['?limit=x', '?from=then', '?after=-1', '?severity=a&severity=b'])('%s is a 400', async (query) => {
  expect((await list(query)).status).toBe(400);
});

/** Follows the stream; `next` answers messages as they come. */
async function follow(path = '', headers: Record<string, string> = {}) {
  const hangUp = new AbortController();
  onTestFinished(() => hangUp.abort());
  const response = await http.inject(`/api/v1/events/stream${path}`, { headers, signal: hangUp.signal });
  const reader = (response.body ?? new ReadableStream()).pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const nextBlock = async (): Promise<string> => {
    while (!text.includes('\n\n')) {
      const { done, value } = await reader.read();
      if (done) return 'end';
      text += value;
    }
    const end = text.indexOf('\n\n');
    const block = text.slice(0, end);
    text = text.slice(end + 2);
    return block;
  };
  return { response, nextBlock, hangUp: () => hangUp.abort() };
}

const fieldsOf = (block: string) =>
  Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s).slice(0, 2) as [string, string]));

test('a stream begins now, and each message is an event with its position', async () => {
  await emit('before');
  const { response, nextBlock } = await follow();
  expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
  expect(await nextBlock()).toBe('retry: 2000\n: events behind 1');
  await emit('after', 'then');
  const message = fieldsOf(await nextBlock());
  expect(message).toMatchObject({ id: '2', event: 'after' });
  expect(JSON.parse(message['data'] ?? '')).toMatchObject({ event_type: 'after', camera_id: 'gate' });
  expect(fieldsOf(await nextBlock())).toMatchObject({ id: '3', event: 'then' });
});

test.for([
  ['?last_event_id=1', {}, '2'],
  ['', { 'last-event-id': '2' }, '3'],
  ['?last_event_id=0', { 'last-event-id': '2' }, '3'],
  ['?last_event_id=0&event_type=c', {}, '3'],
  ['?last_event_id=0&severity=critical', {}, '2'],
] as const)('%s with %j goes on at %s', async ([path, headers, id]) => {
  await emit('a', 'bad', 'c');
  const { nextBlock } = await follow(path, headers);
  await nextBlock();
  expect(fieldsOf(await nextBlock())).toMatchObject({ id });
});

test('a position beyond the end begins now', async () => {
  await emit('a');
  const { nextBlock } = await follow('?last_event_id=999');
  expect(await nextBlock()).toContain('events behind 1');
  await emit('b');
  expect(fieldsOf(await nextBlock())).toMatchObject({ id: '2' });
});

test.for([
  ['?last_event_id=x', {}],
  ['', { 'last-event-id': 'x' }],
] as const)('%s with %j is a 400', async ([path, headers]) => {
  expect((await follow(path, headers)).response.status).toBe(400);
});

test('a line break in a type stays inside its message', async () => {
  const { nextBlock } = await follow();
  await nextBlock();
  await emit('a\nid: 99\r\ndata: {}', 'b');
  expect(fieldsOf(await nextBlock())).toMatchObject({ id: '1', event: 'a id: 99 data: {}' });
  expect(fieldsOf(await nextBlock())).toMatchObject({ id: '2', event: 'b' });
});

test('a stream that has nothing to say gives a sign of life every 15 s', async () => {
  const { nextBlock } = await follow();
  await nextBlock();
  await clock.advance(14_999);
  await clock.advance(1);
  expect(await nextBlock()).toBe(': still here');
  await clock.advance(15_000);
  expect(await nextBlock()).toBe(': still here');
});

test('a client that reads nothing makes nobody wait and is given everything later, in order', async () => {
  const { nextBlock } = await follow();
  const count = 3000;
  const types = Array.from({ length: count }, (_, index) => `event ${index} ${'x'.repeat(200)}`);
  await emit(...types);
  await clock.advance(60_000);
  await nextBlock();
  const ids: number[] = [];
  while (ids.length < count) {
    const { id } = fieldsOf(await nextBlock());
    if (id !== undefined) ids.push(Number(id));
  }
  expect(ids).toEqual(types.map((_, index) => index + 1));
});

test('a filter that finds nothing for long still arrives at what comes after', async () => {
  await emit(...Array.from({ length: 1500 }, () => 'noise'), 'signal');
  const { nextBlock } = await follow('?last_event_id=0&event_type=signal');
  await nextBlock();
  expect(fieldsOf(await nextBlock())).toMatchObject({ id: '1501' });
});

test('a client that leaves is forgotten', async () => {
  const { nextBlock, hangUp } = await follow();
  await nextBlock();
  expect([listeners.size, http.streamsOpen]).toEqual([1, 1]);
  hangUp();
  await eventually(() => listeners.size === 0 && http.streamsOpen === 0);
});

test('the kernel ends a stream when it stops', async () => {
  const { nextBlock } = await follow();
  await nextBlock();
  const stopped = http.stop(1000);
  expect(await nextBlock()).toBe('end');
  await stopped;
});

test('HEAD of the stream opens none', async () => {
  const response = await http.inject('/api/v1/events/stream', { method: 'HEAD' });
  expect([response.status, await response.text()]).toEqual([200, '']);
  await eventually(() => listeners.size === 0);
});
