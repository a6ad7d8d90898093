import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { timelineOf } from '../src/playback/timeline.ts';
import { createFactsSource } from '../src/recording/retention-facts.ts';
import { planByAge, planBySize } from '../src/recording/retention-plan.ts';
import { openWriter, type SqliteDatabase } from '../src/store/database.ts';
import { createMetricsQueries } from '../src/store/metrics-queries.ts';
import { createRetentionQueries } from '../src/store/retention-queries.ts';
import { coverage, lastSegment, leasedAmong, listSegments } from '../src/store/segment-queries.ts';
import { newestDiskAlert, recordingCameras } from '../src/store/system-queries.ts';
import { openTestStore, type TestStore } from '../src/testing/test-store.ts';

// `npm run bench:scale` measures the same with 2.8 million segments.
const cameras = ['camera_1', 'camera_2', 'camera_3', 'camera_4'];
const minuteMs = 60_000;
const dayMs = 86_400_000;
const days = 2;

let site: TestStore;
let db: SqliteDatabase;
let asked: string[] = [];

beforeAll(async () => {
  site = await openTestStore({ cameras });
  const writer = openWriter(site.store.file);
  const insert = writer.prepare(
    'INSERT INTO segments (id, camera_id, path, start_time, end_time, size_bytes, created_at) VALUES (?, ?, ?, ?, ?, 10, 0)',
  );
  const total = writer.prepare(
    'INSERT INTO segment_totals (camera_id, segment_count, size_bytes) VALUES (?, ?, ?)',
  );
  writer.transaction(() => {
    for (let at = 0; at < days * dayMs; at += minuteMs)
      for (const camera of cameras)
        insert.run(`seg_${camera}_${at}`, camera, `${camera}/${at}`, at, at + minuteMs);
    const each = (days * dayMs) / minuteMs;
    for (const camera of cameras) total.run(camera, each, each * 10);
    total.run('', each * cameras.length, each * cameras.length * 10);
  })();
  writer.close();
  // Every statement that runs, with what is bound to it.
  db = new Database(site.store.file, {
    readonly: true,
    verbose: (text) => void asked.push(String(text)),
  });
});
afterAll(async () => {
  db.close();
  await site.close();
});

/** How SQLite answers the statements that `run` makes. */
function plansOf(run: () => unknown): string[] {
  asked = [];
  run();
  const statements = asked.filter((text) => /^\s*select/i.test(text));
  expect(statements.length).toBeGreaterThan(0);
  return statements.flatMap((text) =>
    (db.prepare(`EXPLAIN QUERY PLAN ${text}`).all() as { detail: string }[]).map(({ detail }) => detail),
  );
}

const touchesSegments = (plan: string) => /\b(SCAN|SEARCH) segments\b/.test(plan);

test("a camera's day is read from the index alone, bounded on both sides", () => {
  const day = { from: dayMs / 2, to: dayMs * 1.5 };
  const read = () => timelineOf(coverage(drizzle({ client: db }), 'camera_2', day));
  expect(read()).toEqual({ ranges: [{ start: day.from, end: day.to }], segmentCount: 1440 });
  const plans = plansOf(read).filter(touchesSegments);
  expect(plans).not.toEqual([]);
  for (const plan of plans)
    expect(plan).toContain(
      'COVERING INDEX segments_camera_start (camera_id=? AND start_time>? AND start_time<?)',
    );
});

test('no question that is asked again and again goes through all segments', () => {
  const read = drizzle({ client: db });
  const queries = createRetentionQueries(db);
  const facts = createFactsSource({
    queries,
    registry: { list: () => [] },
    clock: { now: () => days * dayMs },
  }).read(['']);
  const all = {
    ...facts,
    cameras: cameras.map((cameraId) => ({
      cameraId,
      sizeBytes: 28_800,
      heldBytes: 0,
      quotaBytes: null,
      retentionHours: 24,
    })),
  };
  const plans = plansOf(() => {
    expect(planByAge(all, 100).victims).toHaveLength(100);
    expect(planBySize(all, 100_000, 100).victims).toHaveLength(100);
    queries.totals();
    queries.writtenSince(dayMs);
    expect(queries.bounds(cameras)).toEqual({ oldest: 0, newest: days * dayMs });
    const metrics = createMetricsQueries(db);
    metrics.figures();
    metrics.cameras();
    recordingCameras(read);
    newestDiskAlert(read);
    leasedAmong(read, ['seg_camera_1_0'], 0);
    listSegments(read, 'camera_1', { from: 0, to: dayMs }, 100);
    lastSegment(read, 'camera_1', dayMs);
  });
  expect(plans.filter((plan) => /SCAN (segments|events|log|lease_segments)\b/.test(plan))).toEqual([]);
  const candidates = plans.filter((plan) => plan.includes('segments_prunable'));
  expect(candidates).not.toEqual([]);
  for (const plan of candidates) expect(plan).toContain('(root=? AND camera_id=? AND start_time>?)');
});
