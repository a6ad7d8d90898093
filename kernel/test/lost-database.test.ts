/** What becomes of footage when its database is lost, or an older copy of it is put back: nothing is deleted. */
import { copyFile, mkdir, readdir, readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { createRetention } from '../src/recording/retention.ts';
import { startUpkeep } from '../src/recording/upkeep.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { createMediaRig, type MediaRig } from './media-rig.ts';
import { openMediaStore, reopenMediaStore, silentLog, type MediaStore } from './media-store.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const files = ['20200101_000000.mp4', '20200101_000100.mp4'];
/** Nobody listens there. */
const nowhere = 'rtsp://127.0.0.1:1/x';

/** A store whose camera has footage that is far older than it is kept for. */
async function withOldFootage(): Promise<MediaStore> {
  const media = await openMediaStore();
  await media.createCamera({ name: 'Gate', main_stream_url: nowhere });
  await using rig = await createMediaRig(media);
  await mkdir(join(media.recordingsDir, 'gate'));
  for (const name of files) await copyFile(street, join(media.recordingsDir, 'gate', name));
  await rig.fleet.start();
  await rig.fleet.rescan('gate');
  expect(segments(media)).toHaveLength(2);
  return media;
}

const segments = ({ store }: MediaStore) => listSegments(store.read, 'gate', {}, 100);
const footage = async ({ recordingsDir }: MediaStore) =>
  (await readdir(join(recordingsDir, 'gate'))).filter((name) => /^\d/.test(name)).sort();

/** All that ever deletes: the start, a sweep of retention, upkeep. */
async function runAll(media: MediaStore, rig: MediaRig): Promise<void> {
  const { store, registry } = media;
  const { roots, garbage } = rig;
  await rig.fleet.start();
  await createRetention({
    store,
    registry,
    clock: systemClock,
    intervalMs: 60_000,
    maxRecordingsBytes: 1,
    minFreeBytes: 0,
    roots,
    garbage,
    reserveFile: null,
    log: silentLog,
  }).sweep();
  const indexer = { retry: () => Promise.resolve(0) };
  await startUpkeep({
    store,
    garbage,
    indexer,
    everyMs: 60_000,
    clock: systemClock,
    log: silentLog,
  }).stop();
}

test('a new database leaves the recordings of the lost one alone, and says so', async () => {
  const lost = await withOldFootage();
  await lost.store.close();
  for (const name of await readdir(lost.folder))
    if (name.startsWith('heldar.db')) await rm(join(lost.folder, name));
  const fresh = await openMediaStore();
  await fresh.store.close();
  for (const name of await readdir(fresh.folder))
    await copyFile(join(fresh.folder, name), join(lost.folder, name));
  await rm(fresh.folder, { recursive: true });

  await using media = await reopenMediaStore(lost.folder);
  await media.createCamera({ name: 'Gate', main_stream_url: nowhere });
  await using rig = await createMediaRig(media);
  const marker = await readFile(join(media.recordingsDir, '.heldar-store'), 'utf8');
  await runAll(media, rig);
  expect(await footage(media)).toEqual(files);
  expect(segments(media)).toEqual([]);
  expect(readCameraStatus(media.store.read, 'gate')).toMatchObject({ state: 'error' });
  expect(media.sql(`SELECT severity FROM events WHERE event_type = 'storage_fault'`)).toEqual([
    { severity: 'critical' },
  ]);
  expect(await readFile(join(media.recordingsDir, '.heldar-store'), 'utf8')).toBe(marker);
});

test('an older copy of the database finds what it does not know, and forgets nothing that is not there', async () => {
  const before = await withOldFootage();
  const { folder } = before;
  // Of what the copy knows one is pruned since, and one was recorded that it does not know.
  await before.store.close();
  await rm(join(folder, 'recordings/gate', files[0] ?? ''));
  const newer = '20200101_000500.mp4';
  await copyFile(street, join(folder, 'recordings/gate', newer));

  await using media = await reopenMediaStore(folder);
  await using rig = await createMediaRig(media);
  await rig.fleet.start();
  expect(segments(media).map(({ path }) => path)).toEqual([...files, newer].map((name) => `gate/${name}`));
  expect(await footage(media)).toEqual([files[1], newer]);
});

test('time without a kernel is an outage from the last footage on, until another cause is known', async () => {
  const before = await withOldFootage();
  const { folder } = before;
  await before.store.close();
  await using media = await reopenMediaStore(folder);
  {
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    await expect
      .poll(() => readCameraStatus(media.store.read, 'gate')?.state, { timeout: 20_000 })
      .toBe('offline');
  }
  const causes = media.sql<{ cause: string; end_time: number | null }>(
    'SELECT cause, end_time FROM recording_outages ORDER BY start_time',
  );
  expect(causes.map(({ cause }) => cause)).toContain('refused');
  expect(causes.at(-1)).toEqual({ cause: 'kernel_stopped', end_time: null });
});
