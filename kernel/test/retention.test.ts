import { mkdir, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { createGarbage } from '../src/recording/garbage.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { createRetention, type Retention, type RetentionOptions } from '../src/recording/retention.ts';
import { openWriter } from '../src/store/database.ts';
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

const disk = (freeBytes: number, totalBytes: number) => () => Promise.resolve({ freeBytes, totalBytes });

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
    .map(({ event_type, payload }) => ({ type: event_type, ...(JSON.parse(payload) as object) }));

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
    const camera = media.registry.get('b');
    const columns = { storageQuotaBytes: 150 };
    await media.store.write('cameras.update', {
      id: 'b',
      expectedUpdatedAt: camera?.updatedAt ?? 0,
      columns,
      secrets: {},
    });
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

  test('never takes what is held as evidence', async () => {
    const held = await addSegment('a', 50);
    await addSegment('a', 40);
    const db = openWriter(media.store.file);
    db.prepare('UPDATE segments SET evidence_locked = 1 WHERE id = ?').run(held);
    db.close();
    await sweeper({ maxRecordingsBytes: 1, minFreeBytes: 5000, readDisk: disk(0, 10_000) }).sweep();
    expect(await footage()).toEqual(['a/50.mp4']);
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
