import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { readCameraStatus } from './camera-queries.ts';
import { openWriter } from './database.ts';
import {
  coverage,
  lastSegment,
  listSegments,
  maxSegmentMs,
  oldestSegmentsOf,
  segmentTotalsOf,
  type Coverage,
} from './segment-queries.ts';

const order = (a: Coverage, b: Coverage) => a.startTime - b.startTime || a.endTime - b.endTime;

let test: TestStore;
let ids = 0;
beforeEach(async () => {
  test = await openTestStore({ cameras: ['gate', 'yard'] });
  // The status rows that creating a camera writes.
  const db = openWriter(test.store.file);
  db.exec(`INSERT INTO camera_status (camera_id, state, updated_at) SELECT id, 'unknown', 0 FROM cameras`);
  db.close();
});
afterEach(() => test.close());

const add = (incarnation: number, startTime: number, endTime: number, sizeBytes = 100) => {
  const id = `seg_${(ids += 1)}`;
  const segment = {
    id,
    path: `x/${id}.mp4`,
    startTime,
    endTime,
    codec: null,
    width: null,
    height: null,
    sizeBytes,
  };
  return test.store.write('segments.add', { incarnation, segment, live: null });
};

describe('the index of recordings', () => {
  it('adds a path once', async () => {
    const segment = {
      id: 'a',
      path: 'gate/x.mp4',
      startTime: 0,
      endTime: 1000,
      codec: null,
      width: null,
      height: null,
      sizeBytes: 7,
    };
    expect(await test.store.write('segments.add', { incarnation: 1, segment, live: null })).toBe(true);
    const again = { ...segment, id: 'b', sizeBytes: 8 };
    expect(await test.store.write('segments.add', { incarnation: 1, segment: again, live: null })).toBe(
      false,
    );
    expect(segmentTotalsOf(test.store.read, 'gate')).toMatchObject({ segmentCount: 1, sizeBytes: 7 });
  });

  it('moves the status by live footage only, and forward only', async () => {
    const live = { fpsObserved: 10, bitrateKbps: 400 };
    const segment = {
      id: 'a',
      path: 'a',
      startTime: 0,
      endTime: 9000,
      codec: null,
      width: null,
      height: null,
      sizeBytes: 1,
    };
    await test.store.write('segments.add', { incarnation: 1, segment, live });
    await test.store.write('segments.add', {
      incarnation: 1,
      segment: { ...segment, id: 'b', path: 'b', endTime: 5000 },
      live,
    });
    await add(1, 20_000, 30_000);
    expect(readCameraStatus(test.store.read, 'gate')).toMatchObject({
      state: 'unknown',
      lastSegmentAt: 9000,
      segmentsWritten: 2,
      bitrateKbps: 400,
    });
  });

  it('keeps totals that equal the sums, through additions and removals', async () => {
    const step = fc.record({
      incarnation: fc.constantFrom(1, 2),
      sizeBytes: fc.nat(1000),
      remove: fc.boolean(),
      held: fc.boolean(),
    });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 12 }), async (steps) => {
        for (const { incarnation, sizeBytes, remove, held } of steps) {
          await add(incarnation, 0, 1000, sizeBytes);
          const added = `seg_${ids}`;
          await test.store.write('segments.hold', { id: added, held, incidentId: null });
          await test.store.write('segments.resize', { id: added, sizeBytes: sizeBytes + 1 });
          const camera = incarnation === 1 ? 'gate' : 'yard';
          const oldest = remove ? oldestSegmentsOf(test.store.read, camera, 1, 1).map(({ id }) => id) : [];
          await test.store.write('segments.prune', { ids: [...oldest, 'unknown'] });
        }
        for (const [camera, where] of [
          ['gate', "camera_id = 'gate'"],
          ['yard', "camera_id = 'yard'"],
          ['', '1 = 1'],
        ]) {
          const [sums] = test.sql(
            `SELECT count(*) AS segmentCount, coalesce(sum(size_bytes), 0) AS sizeBytes,
               count(*) FILTER (WHERE evidence_locked) AS heldCount,
               coalesce(sum(size_bytes) FILTER (WHERE evidence_locked), 0) AS heldBytes
             FROM segments WHERE ${where}`,
          );
          expect(segmentTotalsOf(test.store.read, camera ?? '')).toEqual(sums);
        }
      }),
      { numRuns: 10 },
    );
  });
});

describe('ranges', () => {
  it('find what overlaps, also a segment as long as any can be, and in pages of any size', async () => {
    const times: [number, number][] = [
      [0, maxSegmentMs],
      [1000, 2000],
      [1000, 5000],
      [1000, 1500],
      [4000, 6000],
      [7000, 9000],
    ];
    for (const [start, end] of times) await add(1, start, end);
    await add(2, 1000, 2000);
    const bound = fc.option(fc.integer({ min: -1000, max: 10_000 }), { nil: undefined });
    fc.assert(
      fc.property(bound, bound, fc.integer({ min: 1, max: 4 }), (from, to, pageSize) => {
        const expected = times
          .filter(([start, end]) => (to === undefined || start < to) && (from === undefined || end > from))
          .map(([startTime, endTime]) => ({ startTime, endTime }));
        const found = [...coverage(test.store.read, 'gate', { from, to }, pageSize)].flat();
        expect(found.toSorted(order)).toEqual(expected.toSorted(order));
        expect(found.map(({ startTime }) => startTime)).toEqual(
          found.map(({ startTime }) => startTime).toSorted((a, b) => a - b),
        );
        expect(listSegments(test.store.read, 'gate', { from, to }, 100)).toHaveLength(expected.length);
      }),
    );
  });

  it('list the newest without bounds and the oldest with one, always ascending', async () => {
    for (let index = 0; index < 5; index += 1) await add(1, index * 1000, index * 1000 + 1000);
    const starts = (range: object) =>
      listSegments(test.store.read, 'gate', range, 2).map(({ startTime }) => startTime);
    expect(starts({})).toEqual([3000, 4000]);
    expect(starts({ from: 0 })).toEqual([0, 1000]);
    expect(starts({ to: 4000 })).toEqual([0, 1000]);
    expect(lastSegment(test.store.read, 'gate', 3000)?.startTime).toBe(2000);
    expect(oldestSegmentsOf(test.store.read, 'gate', 3000, 2)).toHaveLength(2);
  });

  it('are answered from the index', () => {
    const plan = test.sql(
      `EXPLAIN QUERY PLAN SELECT * FROM segments WHERE camera_id = 'gate' AND start_time > 1 AND end_time > 2 AND start_time < 3
       ORDER BY start_time, id LIMIT 10`,
    ) as { detail: string }[];
    expect(plan[0]?.detail).toContain(
      'segments_camera_start (camera_id=? AND start_time>? AND start_time<?)',
    );
  });
});
