/** Do zone events go after their time, the oldest first, a bounded number at a time? */
import { expect, test } from 'vitest';
import { deletedPerRun, deleteOldEvents } from '../src/retention.ts';
import { createHost } from './one-process-host.ts';

const hourMs = 3_600_000;
const start = Date.UTC(2026, 0, 31, 12);

test('old rows go in bounded steps, and a row at the limit stays', () => {
  const host = createHost(['gate'], start);
  host.sqlite
    .prepare(
      `WITH RECURSIVE n (value) AS (SELECT 0 UNION ALL SELECT value + 1 FROM n WHERE value < ?)
       INSERT INTO zones_events
       SELECT 'zev_' || value, 'gate', 'zone_1', 'Yard', '1', 'enter', '', 0, NULL, NULL, ? - value FROM n`,
    )
    .run(deletedPerRun + 5, start - 168 * hourMs);
  const left = (): unknown =>
    host.sqlite.prepare('SELECT count(*) AS count, min(created_at) AS oldest FROM zones_events').get();

  host.run((db) => deleteOldEvents(db, 168));
  expect(left()).toEqual({ count: 6, oldest: start - 168 * hourMs - 5 });
  host.run((db) => deleteOldEvents(db, 168));
  expect(left()).toEqual({ count: 1, oldest: start - 168 * hourMs });
  host.run((db) => deleteOldEvents(db, 168));
  expect(left()).toMatchObject({ count: 1 });
  host.close();
});
