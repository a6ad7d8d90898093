/** Several places for recordings: one that fails takes its own cameras with it, and no other; nothing is lost, and it comes back by itself. */
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { createMediaRig } from './media-rig.ts';
import { openMediaStore, reopenMediaStore, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
let camera: SimulatedCamera;
beforeAll(async () => {
  camera = createSimulatedCamera({ file: street });
  await camera.start();
});
afterAll(() => camera.stop());

const segmentsOf = ({ store }: MediaStore, id: string) => listSegments(store.read, id, {}, 100);
const statusOf = ({ store }: MediaStore, id: string) => readCameraStatus(store.read, id);
const eventsOf = (media: MediaStore, type: string) =>
  media
    .sql<{ payload: string }>('SELECT payload FROM events WHERE event_type = ? ORDER BY seq', type)
    .map(({ payload }) => JSON.parse(payload) as Record<string, unknown>);
const nasOf = ({ folder }: Pick<MediaStore, 'folder'>) => join(folder, 'nas');
const rigOptions = (media: MediaStore) => ({
  otherRoots: [{ name: 'nas', path: nasOf(media) }],
  rootsEveryMs: 100,
});

async function withTwoCameras(): Promise<MediaStore> {
  const media = await openMediaStore();
  const body = { main_stream_url: camera.url, segment_seconds: 2 };
  await media.createCamera({ ...body, name: 'Gate' });
  await media.createCamera({ ...body, name: 'Yard', recordings_root: 'nas' });
  return media;
}

test.concurrent(
  'a disk that goes away and comes back stops its own cameras only, and what is missing is told with its cause',
  async () => {
    await using media = await withTwoCameras();
    await using rig = await createMediaRig(media, rigOptions(media));
    await rig.fleet.start();
    await until(
      'footage of both',
      () => segmentsOf(media, 'gate').length > 0 && segmentsOf(media, 'yard').length > 0,
      60_000,
    );
    expect(segmentsOf(media, 'yard')[0]).toMatchObject({ root: 'nas' });
    expect(await readFile(join(nasOf(media), '.heldar-store'), 'utf8')).toBe(`${media.store.storeId}\nnas\n`);

    // As an unmount leaves it: an empty mount point.
    await rename(nasOf(media), `${nasOf(media)}-unplugged`);
    await mkdir(nasOf(media));
    await until('the error', () => statusOf(media, 'yard')?.state === 'error');
    expect(statusOf(media, 'yard')?.lastError).toContain("the recordings root 'nas' holds no marker");
    expect(eventsOf(media, 'storage_fault')).toMatchObject([{ root: 'nas', reason: 'missing' }]);
    const soFar = segmentsOf(media, 'gate').length;
    await until('more footage on the other disk', () => segmentsOf(media, 'gate').length > soFar + 1, 30_000);
    expect(statusOf(media, 'gate')?.state).toBe('recording');
    expect(eventsOf(media, 'storage_fault')).toHaveLength(1);
    const rowsBefore = segmentsOf(media, 'yard').length;
    await until(
      'a hole that counts',
      () => Date.now() - (segmentsOf(media, 'yard').at(-1)?.endTime ?? 0) > 6000,
    );
    expect(await readdir(nasOf(media))).toEqual([]);

    await rm(nasOf(media), { recursive: true });
    await rename(`${nasOf(media)}-unplugged`, nasOf(media));
    await until('recording again', () => statusOf(media, 'yard')?.state === 'recording', 30_000);
    expect(eventsOf(media, 'storage_recovered')).toEqual([{ root: 'nas' }]);
    await until('a gap', () => eventsOf(media, 'recording_gap').length > 0, 30_000);
    expect(eventsOf(media, 'recording_gap')).toMatchObject([{ cause: 'disk' }]);
    expect(media.sql('SELECT camera_id, cause, fill_state FROM recording_gaps')).toEqual([
      { camera_id: 'yard', cause: 'disk', fill_state: 'pending' },
    ]);
    // What lay open when the disk went is footage too, and nothing of before is lost.
    expect(segmentsOf(media, 'yard').length).toBeGreaterThan(rowsBefore);
  },
);

test.concurrent(
  'a kernel that starts without one of its disks records on the other, and leaves index and mount point as they are',
  async () => {
    const first = await withTwoCameras();
    const { folder } = first;
    {
      await using rig = await createMediaRig(first, rigOptions(first));
      await rig.fleet.start();
      await until('footage', () => segmentsOf(first, 'yard').length > 0, 60_000);
    }
    await first.store.close();
    await rename(nasOf(first), `${nasOf(first)}-unplugged`);

    await using media = await reopenMediaStore(folder);
    const rows = segmentsOf(media, 'yard').length;
    await using rig = await createMediaRig(media, rigOptions(media));
    await rig.fleet.start();
    await until('recording', () => statusOf(media, 'gate')?.state === 'recording', 30_000);
    expect(statusOf(media, 'yard')?.state).toBe('error');
    expect(segmentsOf(media, 'yard')).toHaveLength(rows);
    await expect(readdir(nasOf(media))).rejects.toThrow('ENOENT');
  },
);

test.concurrent(
  'the disk of another store is neither written to nor cleaned, and a camera that names no known root says so',
  async () => {
    await using media = await withTwoCameras();
    await media.createCamera({ name: 'Door', main_stream_url: camera.url, recordings_root: 'usb' });
    await mkdir(join(nasOf(media), 'yard'), { recursive: true });
    await writeFile(join(nasOf(media), '.heldar-store'), 'ffffffffffff\nnas\n');
    await writeFile(join(nasOf(media), 'yard', '20250101_000000.mp4'), 'of somebody else');
    await using rig = await createMediaRig(media, rigOptions(media));
    await rig.fleet.start();
    expect(statusOf(media, 'yard')).toMatchObject({ state: 'error' });
    expect(statusOf(media, 'yard')?.lastError).toContain('belongs to another store');
    expect(statusOf(media, 'door')?.lastError).toContain(
      "no recordings root is called 'usb' (there are nas)",
    );
    expect(eventsOf(media, 'storage_fault')).toMatchObject([{ root: 'nas', reason: 'foreign' }]);
    expect(await readdir(join(nasOf(media), 'yard'))).toEqual(['20250101_000000.mp4']);
    expect(segmentsOf(media, 'yard')).toEqual([]);
  },
);
