import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { intendedSpans } from '../src/store/intent-queries.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { childrenOf, createMediaRig } from './media-rig.ts';
import { openMediaStore, reopenMediaStore, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const recorderProcess = fileURLToPath(new URL('recorder-process.ts', import.meta.url));
/** Of the footage, ms. */
const gopMs = 1000;
const everyDay = [0, 1, 2, 3, 4, 5, 6];

const segmentsOf = ({ store }: MediaStore, id: string) => listSegments(store.read, id, {}, 200);
const statusOf = ({ store }: MediaStore, id: string) => readCameraStatus(store.read, id);
const eventsOf = (media: MediaStore, type: string) =>
  media.sql<{ payload: string }>('SELECT payload FROM events WHERE event_type = ? ORDER BY seq', type);
const spansOf = ({ store, registry }: MediaStore, id: string) =>
  intendedSpans(store.read, registry.incarnation(id) ?? 0, 0, Number.MAX_SAFE_INTEGER);
const isArmed = (media: MediaStore, id: string) =>
  statusOf(media, id)?.stateDetail?.startsWith('armed') === true;

/** All files below a folder with their sizes. */
async function filesBelow(folder: string): Promise<Record<string, number>> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(files.map(async (file) => [file, (await stat(file)).size] as const));
  return Object.fromEntries(sizes);
}

async function decodedFrames(file: string): Promise<number> {
  const entries = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout } = await execa('ffprobe', ['-v', 'error', ...entries, '-of', 'csv=p=0', file]);
  return Number(stdout);
}

async function change(media: MediaStore, id: string, columns: object): Promise<void> {
  const expectedUpdatedAt = media.registry.get(id)?.updatedAt ?? 0;
  await media.store.write('cameras.update', { id, expectedUpdatedAt, columns, secrets: {} });
}

describe.concurrent('a camera that is there', () => {
  let camera: SimulatedCamera;
  beforeAll(async () => {
    camera = createSimulatedCamera({ file: street });
    await camera.start();
  });
  afterAll(() => camera.stop());

  async function eventCamera(preRollSeconds: number, postRollSeconds: number) {
    const media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      record_mode: 'event',
      pre_roll_seconds: preRollSeconds,
      post_roll_seconds: postRollSeconds,
      segment_seconds: 4,
    });
    return { media, id, ring: join(media.folder, 'ring', id) };
  }

  test('is recorded from the pre-roll before each trigger to the post-roll after it, and not in between', async () => {
    const [preRollMs, postRollMs] = [2000, 2000];
    const { media, id, ring } = await eventCamera(preRollMs / 1000, postRollMs / 1000);
    await using _ = media;
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    await until('armed', () => isArmed(media, id));
    expect(statusOf(media, id)).toMatchObject({ state: 'disabled', lastSegmentAt: null });
    expect(rig.fleet.wanted()).toEqual([]);

    const idle = async () => {
      const before = await filesBelow(media.recordingsDir);
      await until('a full ring', async () => (await readdir(ring)).length >= preRollMs / gopMs + 2);
      const moment = performance.now() + 1000 * Math.random();
      await until('any moment', () => performance.now() > moment);
      expect(await filesBelow(media.recordingsDir)).toEqual(before);
      const kept = (await readdir(ring)).length;
      expect(kept).toBeGreaterThanOrEqual(preRollMs / gopMs);
      expect(kept).toBeLessThanOrEqual(preRollMs / gopMs + 4);
    };
    let recorded = 0;
    for (const retrigger of [false, true]) {
      await idle();
      const firedAt = Date.now();
      const { until: firstEnd } = await rig.fleet.trigger(id, firedAt);
      expect(firstEnd - firedAt).toBeGreaterThanOrEqual(postRollMs);
      await until('recording', () => statusOf(media, id)?.state === 'recording');
      expect(rig.fleet.wanted()).toEqual([id]);
      let end = firstEnd;
      if (retrigger) {
        await until('another trigger', () => Date.now() > firedAt + 1000 * Math.random());
        end = (await rig.fleet.trigger(id, Date.now())).until;
      }
      expect(end > firstEnd).toBe(retrigger);
      await until('armed again', () => isArmed(media, id));
      // One is being written, one may be closing: then the third is kept, and those before it are where they belong.
      await until('the ring fills again', async () => (await readdir(ring)).length >= 3);

      const found = segmentsOf(media, id).slice(recorded);
      recorded += found.length;
      const first = found[0];
      expect(Math.abs((first?.startTime ?? 0) - (firedAt - preRollMs))).toBeLessThan(gopMs + 500);
      for (const [index, segment] of found.slice(1).entries())
        expect(segment.startTime).toBe(found[index]?.endTime);
      expect((found.at(-1)?.endTime ?? 0) - end).toBeLessThan(gopMs + 1500);
      let frames = 0;
      for (const { path } of found) frames += await decodedFrames(join(media.recordingsDir, path));
      const footageMs = (found.at(-1)?.endTime ?? 0) - (first?.startTime ?? 0);
      expect(Math.abs(frames * 100 - footageMs)).toBeLessThan(1000);
      const span = spansOf(media, id).at(-1);
      expect(span?.reason).toBe('event');
      expect(Math.abs((span?.startTime ?? 0) - (firedAt - preRollMs))).toBeLessThan(500);
      expect(Math.abs((span?.endTime ?? 0) - end)).toBeLessThan(500);
    }
    await rig.fleet.stop();
    expect(await readdir(join(media.folder, 'ring'))).toEqual([]);
    expect(spansOf(media, id)).toHaveLength(2);
    expect(eventsOf(media, 'recording_gap')).toEqual([]);
    expect(eventsOf(media, 'camera_offline')).toEqual([]);
    expect(await childrenOf(media.folder)).toEqual([]);
  });

  test('needs no process while it waits without a pre-roll', async () => {
    const { media, id, ring } = await eventCamera(0, 2);
    await using _ = media;
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    expect(isArmed(media, id)).toBe(true);
    expect(await childrenOf(media.folder)).toEqual([]);
    // A busy machine may need longer to connect than one post-roll lasts.
    await until('recording', async () => {
      await rig.fleet.trigger(id, Date.now());
      return statusOf(media, id)?.state === 'recording';
    });
    await until('armed again', () => isArmed(media, id));
    expect(segmentsOf(media, id).length).toBeGreaterThan(0);
    expect(statusOf(media, id)).toMatchObject({ recorderPid: null, lastError: null });
    expect(await childrenOf(media.folder)).toEqual([]);
    expect(await filesBelow(ring)).toEqual({});
  });

  test('goes on being recorded for a trigger when the kernel is killed meanwhile, pre-roll included', async () => {
    const { media, id } = await eventCamera(3, 30);
    const { folder } = media;
    await media.store.close();
    const crashing = execa(process.execPath, ['--conditions=heldar-source', recorderProcess, folder], {
      reject: false,
    });
    const ring = join(folder, 'ring', id);
    await until('a ring of three', async () => (await readdir(ring).catch(() => [])).length >= 4);
    crashing.kill('SIGKILL');
    await crashing;

    await using again = await reopenMediaStore(folder);
    const firedAt = Date.now();
    // Committed, but nothing of it done.
    const incarnation = again.registry.incarnation(id) ?? 0;
    await again.store.write('triggers.set', { incarnation, firedAt, until: firedAt + 30_000 });
    await using rig = await createMediaRig(again);
    await rig.fleet.start();
    await until('recording', () => statusOf(again, id)?.state === 'recording');
    expect(segmentsOf(again, id)[0]?.startTime).toBeLessThan(firedAt - 1000);
    await change(again, id, { name: 'Another name' });
    await rig.fleet.reconcile(id);
    expect(rig.fleet.wanted()).toEqual([id]);
  });

  test('keeps one recorder while windows change around it, and rests outside of them', async () => {
    const media = await openMediaStore();
    await using _ = media;
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      record_mode: 'scheduled',
      time_zone: 'UTC',
    });
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    expect(statusOf(media, id)).toMatchObject({ state: 'disabled', recorderPid: null });
    expect(statusOf(media, id)?.stateDetail).toContain('none is enabled');
    const set = async (schedule: string, columns: object) => {
      await media.store.write('schedules.update', { id: schedule, columns });
      await rig.fleet.reconcile(id);
    };
    const always = { days: everyDay, timeStart: '00:00', timeEnd: '24:00', enabled: true };
    await media.store.write('schedules.create', { id: 'recsch_a', cameraId: id, columns: always });
    await rig.fleet.reconcile(id);
    await until('recording', () => statusOf(media, id)?.state === 'recording');
    const pid = statusOf(media, id)?.recorderPid;
    await media.store.write('schedules.create', { id: 'recsch_b', cameraId: id, columns: always });
    await set('recsch_a', { enabled: false });
    await change(media, id, { recordMode: 'scheduled_event' });
    await rig.fleet.reconcile(id);
    await change(media, id, { recordMode: 'continuous' });
    await rig.fleet.reconcile(id);
    expect(statusOf(media, id)).toMatchObject({ state: 'recording', recorderPid: pid });
    await change(media, id, { recordMode: 'scheduled' });
    await set('recsch_b', { enabled: false });
    expect(statusOf(media, id)).toMatchObject({ state: 'disabled', recorderPid: null, lastError: null });
    expect(spansOf(media, id).map(({ reason }) => reason)).toEqual(['scheduled', 'continuous', 'scheduled']);
    expect(spansOf(media, id).at(-1)?.endTime).not.toBeNull();
    expect(segmentsOf(media, id).length).toBeGreaterThan(0);
    expect(eventsOf(media, 'camera_offline')).toEqual([]);
    expect(await childrenOf(media.folder)).toEqual([]);
  });
});

test.concurrent('sound that can not be recorded does not cost the picture, and is told once', async () => {
  await using media = await openMediaStore();
  const file = join(media.folder, 'odd.mkv');
  // MP4 does not hold MP3 of so few samples a second.
  const tone = ['-f', 'lavfi', '-i', 'sine=duration=20:sample_rate=8000'];
  const codecs = ['-c:v', 'copy', '-c:a', 'libmp3lame', '-t', '20', file];
  await execa('ffmpeg', ['-nostdin', '-v', 'error', '-i', street, ...tone, ...codecs]);
  const id = await media.createCamera({ name: 'Odd', record_audio: true, segment_seconds: 4 });
  await media.store.write('cameras.update', {
    id,
    expectedUpdatedAt: media.registry.get(id)?.updatedAt ?? 0,
    columns: {},
    secrets: { mainStreamUrl: `file:${file}` },
  });
  await using rig = await createMediaRig(media, { allowFiles: true });
  await rig.fleet.start();
  await until('a segment', () => segmentsOf(media, id).length > 0, 40_000);
  expect(statusOf(media, id)).toMatchObject({ state: 'recording', lastError: null });
  const told = eventsOf(media, 'audio_dropped').map(({ payload }) => JSON.parse(payload) as object);
  expect(told).toEqual([{ codec: 'mp3', detail: expect.stringContaining('mp3') as string }]);
});
