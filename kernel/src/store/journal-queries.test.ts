/** Are pages and runs of the journal complete, and read by an index? */
import { sql } from 'drizzle-orm';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { journalHead, listEvents, readJournal, type EventPage } from './journal-queries.ts';
import { events } from './schema.ts';

let testStore: TestStore;
const owned = sql`1 = 1`;
/** Ten events; every two share a time, and times fall where sequences rise. */
beforeAll(async () => {
  testStore = await openTestStore();
  await testStore.store.write(
    'events.append',
    Array.from({ length: 10 }, (_, index) => ({
      id: `00000000-0000-4000-8000-00000000000${index}`,
      cameraId: index % 2 === 0 ? 'gate' : null,
      siteId: null,
      type: index < 5 ? 'early' : 'late',
      severity: index === 3 ? 'critical' : 'info',
      atMs: 1000 - 100 * Math.floor(index / 2),
      payload: JSON.stringify({ index }),
      source: 'kernel',
    })),
  );
});
afterAll(() => testStore.close());

const seqs = (page: Partial<EventPage>) =>
  listEvents(testStore.store.read, { owned, limit: 100, ...page }).map(({ seq }) => seq);

test('a list is newest first by time, then by sequence', () => {
  expect(seqs({})).toEqual([2, 1, 4, 3, 6, 5, 8, 7, 10, 9]);
});

test('pages of any size neither repeat nor leave out an event', () => {
  for (const limit of [1, 2, 3, 7]) {
    const all: number[] = [];
    for (let after: number | undefined; ; after = all.at(-1)) {
      const page = seqs({ limit, after });
      all.push(...page);
      if (page.length < limit) break;
    }
    expect(all).toEqual(seqs({}));
  }
});

test('behind an event that retention took, the list goes on with what is older in the journal', () => {
  expect(seqs({ after: 99 })).toEqual(seqs({}));
});

test('filters combine, bounds are inclusive', () => {
  expect(seqs({ cameraId: 'gate', eventType: 'early' })).toEqual([1, 3, 5]);
  expect(seqs({ severity: 'critical' })).toEqual([4]);
  expect(seqs({ from: 800, to: 900 })).toEqual([4, 3, 6, 5]);
  expect(seqs({ owned: sql`${events.cameraId} = 'gate'`, limit: 2 })).toEqual([1, 3]);
});

function run(after: number, scanned: number, eventType?: string, bytes = 1000) {
  const db = testStore.store.read;
  const { rows, upTo } = readJournal(db, { owned, after, head: journalHead(db), scanned, bytes, eventType });
  return { seqs: rows.map(({ seq }) => seq), upTo };
}

test('a run is in order of sequence, and says how far it looked', () => {
  expect(run(0, 4)).toEqual({ seqs: [1, 2, 3, 4], upTo: 4 });
  expect(run(0, 4, 'late')).toEqual({ seqs: [], upTo: 4 });
  expect(run(4, 100, 'late')).toEqual({ seqs: [6, 7, 8, 9, 10], upTo: 10 });
  expect(run(10, 100)).toEqual({ seqs: [], upTo: 10 });
});

test('a run ends where its bytes do, and takes one event at least', () => {
  // Each payload has 11 bytes.
  expect(run(0, 100, 'late', 33)).toEqual({ seqs: [6, 7, 8], upTo: 8 });
  expect(run(8, 100, 'late', 33)).toEqual({ seqs: [9, 10], upTo: 10 });
  expect(run(0, 100, 'early', 1)).toEqual({ seqs: [1], upTo: 1 });
});

test.for([
  [
    'a page',
    `SELECT * FROM events WHERE (at_ms, seq) < (5, 5) ORDER BY at_ms DESC, seq DESC LIMIT 9`,
    'SEARCH events USING INDEX events_time',
  ],
  [
    'a page of a camera',
    `SELECT * FROM events WHERE 1 = 1 AND camera_id = 'a' ORDER BY at_ms DESC, seq DESC LIMIT 9`,
    'SEARCH events USING INDEX events_camera',
  ],
  [
    'a page of a type',
    `SELECT * FROM events WHERE event_type = 'a' AND at_ms >= 5 ORDER BY at_ms DESC, seq DESC LIMIT 9`,
    'SEARCH events USING INDEX events_type',
  ],
  [
    'a run',
    `SELECT * FROM events WHERE seq > 1 AND seq <= 5 AND +camera_id = 'a' AND +event_type = 'b' ORDER BY seq`,
    'SEARCH events USING INTEGER PRIMARY KEY',
  ],
] as const)('%s is found and ordered by an index', ([, query, plan]) => {
  const steps = (testStore.sql(`EXPLAIN QUERY PLAN ${query}`) as { detail: string }[]).map(
    ({ detail }) => detail,
  );
  expect(steps).toEqual([expect.stringContaining(plan)]);
});
