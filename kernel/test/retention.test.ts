import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import * as fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { createGarbage } from '../src/recording/garbage.ts';
import { createLeases } from '../src/recording/leases.ts';
import type { Disk } from '../src/recording/retention-plan.ts';
import { createRetention, type Retention, type RetentionOptions } from '../src/recording/retention.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { segmentTotalsOf } from '../src/store/segment-queries.ts';
import { openMediaStore, silentLog, type MediaStore } from './media-store.ts';

const hourMs = 3_600_000;
let media: MediaStore;
beforeEach(async () => {
  media = await openMediaStore();
  await media.createCamera({ name: 'A', retention_hours: 2 });
  await media.createCamera({ name: 'B', retention_hours: 1000 });
  // The folder becomes this store's before there is footage.
  await sweeper({}).sweep();
});
afterEach(() => media[Symbol.asyncDispose]());

function sweeper(limits: Partial<RetentionOptions>): Retention {
  const common = {
    store: media.store,
    registry: media.registry,
    clock: systemClock,
    recordingsDir: media.recordingsDir,
    log: silentLog,
  };
  const roots = createRecordingRoots(common);
  return createRetention({
    ...common,
    roots,
    garbage: createGarbage({ ...common, roots }),
    intervalMs: 60_000,
    maxRecordingsBytes: 0,
    minFreeBytes: 0,
    reserveFile: null,
    ...limits,
  });
}

/** One segment that ended so many hours ago, with a file of 100 bytes. */
async function addSegment(cameraId: string, endedHoursAgo: number): Promise<string> {
  const endTime = Date.now() - endedHoursAgo * hourMs;
  const path = `${cameraId}/${endedHoursAgo}.mp4`;
  await mkdir(join(media.recordingsDir, cameraId), { recursive: true });
  await writeFile(join(media.recordingsDir, path), Buffer.alloc(100));
  const incarnation = media.registry.incarnation(cameraId) ?? 0;
  const segment = {
    id: `seg_${path}`,
    path,
    startTime: endTime - 1000,
    endTime,
    codec: null,
    width: null,
    height: null,
    sizeBytes: 100,
  };
  await media.store.write('segments.add', { incarnation, segment, live: null });
  return segment.id;
}

/** A disk on which that much is free now, and more when footage goes. */
function disk(freeBytes: number, totalBytes: number): () => Promise<Disk> {
  const used = () => segmentTotalsOf(media.store.read, '').sizeBytes;
  const usedNow = used();
  return () => Promise.resolve({ freeBytes: freeBytes + usedNow - used(), totalBytes });
}

async function hold(...ids: string[]): Promise<void> {
  for (const id of ids) await media.store.write('segments.hold', { id, held: true, incidentId: null });
}

async function setQuota(cameraId: string, storageQuotaBytes: number): Promise<void> {
  const camera = media.registry.get(cameraId);
  await media.store.write('cameras.update', {
    id: cameraId,
    expectedUpdatedAt: camera?.updatedAt ?? 0,
    columns: { storageQuotaBytes },
    secrets: {},
  });
}

async function footage(): Promise<string[]> {
  const rows = media.sql<{ path: string }>('SELECT path FROM segments').map(({ path }) => path);
  const files: string[] = [];
  for (const camera of ['a', 'b'])
    for (const name of await readdir(join(media.recordingsDir, camera)).catch(() => []))
      files.push(`${camera}/${name}`);
  expect(files.sort()).toEqual(rows.sort());
  return files;
}

const events = () =>
  media
    .sql<{ event_type: string; payload: string }>('SELECT event_type, payload FROM events ORDER BY seq')
    .map(({ event_type, payload }) => ({
      type: event_type,
      ...(JSON.parse(payload) as { reason?: string }),
    }));

describe('retention', () => {
  test('takes by age per camera, and nothing that is younger', async () => {
    for (const hours of [1, 3, 5]) await addSegment('a', hours);
    await addSegment('b', 500);
    expect(await sweeper({}).sweep()).toBe(2);
    expect(await footage()).toEqual(['a/1.mp4', 'b/500.mp4']);
    expect(events()).toEqual([{ type: 'retention_delete', deleted: 2, reason: 'age' }]);
    expect(await sweeper({}).sweep()).toBe(0);
    expect(events()).toHaveLength(1);
  });

  test('takes the oldest of all cameras down to the cap, and no one more', async () => {
    await addSegment('a', 1);
    for (const hours of [20, 40, 60]) await addSegment('b', hours);
    expect(await sweeper({ maxRecordingsBytes: 250 }).sweep()).toBe(2);
    expect(await footage()).toEqual(['a/1.mp4', 'b/20.mp4']);
    expect(segmentTotalsOf(media.store.read, '')).toMatchObject({ segmentCount: 2, sizeBytes: 200 });
    expect(events()).toMatchObject([
      { type: 'disk_pressure', reason: 'size_cap', deleted: 2, max_bytes: 250 },
    ]);
  });

  test('keeps a camera within its quota, and the others out of it', async () => {
    await setQuota('b', 150);
    await addSegment('a', 1);
    for (const hours of [2, 4]) await addSegment('b', hours);
    await sweeper({}).sweep();
    expect(await footage()).toEqual(['a/1.mp4', 'b/2.mp4']);
  });

  test('makes room when the disk is nearly full', async () => {
    for (const hours of [10, 20, 30]) await addSegment('b', hours);
    expect(await sweeper({ minFreeBytes: 1000, readDisk: disk(850, 10_000) }).sweep()).toBe(2);
    expect(await footage()).toEqual(['b/10.mp4']);
    expect(events()).toMatchObject([{ type: 'disk_pressure', reason: 'free_floor', deleted: 2 }]);
  });

  test('deletes nothing for a floor the disk can not have, and says so once', async () => {
    await addSegment('b', 10);
    const retention = sweeper({ minFreeBytes: 1000, readDisk: disk(10, 1000) });
    await retention.sweep();
    await retention.sweep();
    expect(await footage()).toEqual(['b/10.mp4']);
    expect(events()).toMatchObject([{ type: 'disk_pressure', reason: 'floor_unsatisfiable' }]);
  });

  test('never takes what is held as evidence or being read, and says once what stands in the way', async () => {
    const held = await addSegment('a', 50);
    const read = await addSegment('a', 45);
    await addSegment('a', 40);
    await hold(held);
    const lease = await createLeases({ store: media.store, clock: systemClock }).take([read], 'clip', 60_000);
    const retention = sweeper({ maxRecordingsBytes: 1, minFreeBytes: 5000, readDisk: disk(0, 10_000) });
    await retention.sweep();
    await retention.sweep();
    expect(await footage()).toEqual(['a/45.mp4', 'a/50.mp4']);
    expect(events().filter(({ reason }) => reason !== 'free_floor')).toEqual([
      {
        type: 'disk_pressure',
        reason: 'locked_exceeds_share',
        camera_id: 'a',
        protected_bytes: 100,
        share_bytes: 0,
      },
      { type: 'disk_pressure', reason: 'nothing_left_to_delete', min_free_bytes: 5000 },
      {
        type: 'disk_pressure',
        reason: 'locked_exceeds_cap',
        protected_bytes: 100,
        unlocked_bytes: 100,
        max_bytes: 1,
      },
    ]);
    await lease.release();
    expect(await retention.sweep()).toBe(1);
    expect(await footage()).toEqual(['a/50.mp4']);
  });

  test('of a camera whose held footage fills its quota keeps the rest, and says so until it is over', async () => {
    await setQuota('b', 100);
    const held = await addSegment('b', 10);
    await addSegment('b', 5);
    await hold(held);
    const retention = sweeper({});
    await retention.sweep();
    await retention.sweep();
    await setQuota('b', 1000);
    await retention.sweep();
    expect(await footage()).toEqual(['b/10.mp4', 'b/5.mp4']);
    expect(events()).toEqual([
      {
        type: 'disk_pressure',
        reason: 'camera_quota',
        camera_id: 'b',
        protected_bytes: 100,
        quota_bytes: 100,
      },
      { type: 'disk_pressure_over', reason: 'camera_quota' },
    ]);
  });

  test('lets a camera with much held footage take nothing from another one', async () => {
    const held: string[] = [];
    for (const hours of [10, 11, 12, 13]) held.push(await addSegment('b', hours));
    await hold(...held);
    await addSegment('a', 1);
    const retention = sweeper({ maxRecordingsBytes: 450, minFreeBytes: 500, readDisk: disk(450, 10_000) });
    expect(await retention.sweep()).toBe(0);
    expect(await footage()).toHaveLength(5);
    expect((await retention.report()).standing.map(({ payload }) => payload.reason)).toContain(
      'locked_exceeds_share',
    );
  });

  test('that gives no space back stops, and then tries with one segment at a time', async () => {
    for (const hours of [10, 20, 30, 40]) await addSegment('b', hours);
    const used = { freeBytes: 700, totalBytes: 10_000 };
    const retention = sweeper({ minFreeBytes: 1000, readDisk: () => Promise.resolve(used) });
    expect(await retention.makeRoom()).toBe(3);
    expect(await retention.makeRoom()).toBe(1);
    expect(events().filter(({ reason }) => reason === 'prune_not_recovering_space')).toEqual([
      { type: 'disk_pressure', reason: 'prune_not_recovering_space', min_free_bytes: 1000, deleted: 3 },
    ]);
  });

  test('makes room also when everything else fails, and goes on with the rest when that fails', async () => {
    for (const hours of [1, 50]) await addSegment('a', hours);
    const failing = {
      name: 'clips',
      run: () => Promise.reject(new Error('the clips folder is gone')),
    };
    const retention = sweeper({
      minFreeBytes: 1000,
      readDisk: () => Promise.reject(new Error('EIO')),
      chores: [failing],
    });
    expect(await retention.sweep()).toBe(1);
    expect(await footage()).toEqual(['a/1.mp4']);
    expect((await retention.report()).lastSweep).toMatchObject({ deleted: 1, failed: ['clips'] });
    expect(events()[0]).toEqual({ type: 'disk_pressure', reason: 'disk_stats_unavailable' });
  });

  test('tells what would go next, and why, without taking it', async () => {
    for (const hours of [1, 50]) await addSegment('a', hours);
    for (const hours of [2, 4]) await addSegment('b', hours);
    const retention = sweeper({
      maxRecordingsBytes: 350,
      minFreeBytes: 1000,
      readDisk: disk(850, 10_000),
    });
    const report = await retention.report();
    const shown = report.next.map(({ reason, victims }) => [reason, victims.map(({ id }) => id)]);
    expect(shown).toEqual([
      ['free_floor', ['seg_a/50.mp4', 'seg_b/4.mp4']],
      ['age', ['seg_a/50.mp4']],
      ['size_cap', ['seg_a/50.mp4']],
    ]);
    expect(report.cameras.map(({ cameraId, shareBytes }) => [cameraId, shareBytes])).toEqual([
      ['a', 175],
      ['b', 175],
    ]);
    expect(await footage()).toHaveLength(4);
  });

  test('whatever is held, read and swept at once, keeps to its cap and to what may go', async () => {
    const leases = createLeases({ store: media.store, clock: systemClock });
    let hours = 900;
    const step = fc.record({
      camera: fc.constantFrom('a', 'b'),
      keep: fc.constantFrom('held', 'leased', 'free', 'free', 'free'),
    });
    await media.store.write('cameras.update', {
      id: 'a',
      expectedUpdatedAt: media.registry.get('a')?.updatedAt ?? 0,
      columns: { retentionHours: 1000 },
      secrets: {},
    });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 12 }),
        fc.integer({ min: 1, max: 12 }),
        async (steps, cap) => {
          const kept: string[] = [];
          for (const { camera, keep } of steps) {
            const id = await addSegment(camera, (hours -= 1));
            if (keep !== 'free') kept.push(id);
            if (keep === 'held') await hold(id);
            if (keep === 'leased') await leases.take([id], 'clip', 60_000);
          }
          const before = segmentTotalsOf(media.store.read, '').sizeBytes;
          const free = 10_000 - before;
          const retention = sweeper({
            maxRecordingsBytes: cap * 100,
            minFreeBytes: 10_000 - cap * 100,
            readDisk: disk(free, 20_000),
          });
          await Promise.all([retention.sweep(), retention.makeRoom()]);
          const left = new Set((await footage()).map((path) => `seg_${path}`));
          expect(kept.every((id) => left.has(id))).toBe(true);
          // Each file has 100 bytes: nothing beyond the cap was taken.
          expect(left.size * 100).toBeGreaterThanOrEqual(Math.min(before, cap * 100));
        },
      ),
      { numRuns: 6 },
    );
  });

  test('deletes nothing when the folder is not the one it knows', async () => {
    await addSegment('a', 50);
    await rm(join(media.recordingsDir, '.heldar-store'));
    expect(await sweeper({}).sweep()).toBe(0);
    expect(await footage()).toEqual(['a/50.mp4']);
  });

  test('sweeps at once when it starts, and ends when it is stopped', async () => {
    await addSegment('a', 50);
    const retention = sweeper({});
    retention.start();
    await retention.sweep();
    await retention.stop();
    expect(await footage()).toEqual([]);
  });
});
