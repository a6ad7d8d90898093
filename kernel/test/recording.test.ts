import { link, readdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findMediaTools } from '../src/media/tools.ts';
import { timelineOf } from '../src/playback/timeline.ts';
import { endOrphans } from '../src/recording/orphans.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { coverage, listSegments, segmentTotalsOf } from '../src/store/segment-queries.ts';
import { childrenOf, createMediaRig } from './media-rig.ts';
import { openMediaStore, reopenMediaStore, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const recorderProcess = fileURLToPath(new URL('recorder-process.ts', import.meta.url));
const segmentSeconds = 4;
const tools = await findMediaTools();

async function decodedFrames(file: string): Promise<number> {
  const entries = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout, stderr } = await execa('ffprobe', ['-v', 'error', ...entries, '-of', 'csv=p=0', file]);
  expect(stderr).toBe('');
  return Number(stdout);
}

async function startedCamera(): Promise<{ url: string } & AsyncDisposable> {
  const camera = createSimulatedCamera({ file: street });
  await camera.start();
  return { url: camera.url, [Symbol.asyncDispose]: () => camera.stop() };
}

/** The file with that index of a run holds pictures. */
async function isWriting(folder: string, id: string, index: number): Promise<boolean> {
  const recordings = join(folder, 'recordings', id);
  const names = await readdir(recordings).catch(() => []);
  const open = names.find((name) => name.endsWith(`_00000${index}.mp4`));
  return open !== undefined && (await stat(join(recordings, open))).size > 30_000;
}

const segmentsOf = ({ store }: MediaStore, id: string) => listSegments(store.read, id, {}, 100);
const statusOf = ({ store }: MediaStore, id: string) => readCameraStatus(store.read, id);
const rangesOf = ({ store }: MediaStore, id: string) => timelineOf(coverage(store.read, id, {})).ranges;
const eventsOf = (media: MediaStore, type: string) =>
  media.sql<{ payload: string }>('SELECT payload FROM events WHERE event_type = ? ORDER BY seq', type);

describe.concurrent('a camera that stays', () => {
  let camera: SimulatedCamera;
  beforeAll(async () => {
    camera = createSimulatedCamera({ file: street });
    await camera.start();
  });
  afterAll(() => camera.stop());

  async function withStreet() {
    const media = await openMediaStore();
    const body = { name: 'Street', main_stream_url: camera.url, segment_seconds: segmentSeconds };
    return { media, id: await media.createCamera(body) };
  }

  test('is recorded into segments that decode and cover the time without a hole', async () => {
    const { media, id } = await withStreet();
    await using _ = media;
    const { fleet } = await createMediaRig(media);
    await fleet.start();
    await until('recording', () => statusOf(media, id)?.state === 'recording');
    await until('four segments', () => segmentsOf(media, id).length >= 4, 40_000);
    await fleet.stop();

    const found = segmentsOf(media, id);
    expect(found.length).toBeGreaterThanOrEqual(5);
    let bytes = 0;
    for (const segment of found) {
      expect(segment.path).toMatch(/^street\/[0-9]{8}_[0-9]{6}\.mp4$/);
      expect(segment).toMatchObject({ codec: 'h264', width: 640, height: 480 });
      const frames = await decodedFrames(join(media.recordingsDir, segment.path));
      expect(Math.abs(frames * 100 - (segment.endTime - segment.startTime))).toBeLessThan(1000);
      bytes += segment.sizeBytes;
    }
    expect(found.slice(1).map(({ startTime }) => startTime)).toEqual(
      found.slice(0, -1).map(({ endTime }) => endTime),
    );
    expect(rangesOf(media, id)).toHaveLength(1);
    expect(segmentTotalsOf(media.store.read, '')).toMatchObject({
      segmentCount: found.length,
      sizeBytes: bytes,
    });
    const files = found.map(({ path }) => path.slice(id.length + 1));
    expect((await readdir(join(media.recordingsDir, id))).sort()).toEqual(files.sort());
    expect(eventsOf(media, 'camera_offline')).toEqual([]);
    expect(eventsOf(media, 'recording_gap')).toEqual([]);
    expect(statusOf(media, id)).toMatchObject({
      state: 'unknown',
      recorderPid: null,
      segmentsWritten: found.length,
    });
    expect(await childrenOf(media.folder)).toEqual([]);
  });

  test('loses at most a second when its ffmpeg is killed, and says offline and online once', async () => {
    const { media, id } = await withStreet();
    await using _ = media;
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    await until('a first segment', () => segmentsOf(media, id).length > 0);
    const pid = await until('a recorder', () => statusOf(media, id)?.recorderPid);
    // Well within a segment, so that there is something to lose.
    await until('pictures of the second', () => isWriting(media.folder, id, 1));
    const killedAt = Date.now();
    process.kill(pid, 'SIGKILL');
    await until('recording again', () => eventsOf(media, 'camera_online').length === 1);
    const tail = segmentsOf(media, id).findLast(({ startTime }) => startTime < killedAt);
    expect(killedAt - (tail?.endTime ?? 0)).toBeLessThan(1000);
    expect(await decodedFrames(join(media.recordingsDir, tail?.path ?? ''))).toBeGreaterThan(0);

    expect(eventsOf(media, 'camera_offline')).toHaveLength(1);
    expect(statusOf(media, id)).toMatchObject({ state: 'recording', reconnectCount: 1, lastError: null });
    expect(statusOf(media, id)?.recorderPid).not.toBe(pid);
    await rig.fleet.stop();
    expect(await childrenOf(media.folder)).toEqual([]);
  });

  test('is restarted when its ffmpeg stands still', async () => {
    const { media, id } = await withStreet();
    await using _ = media;
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    await until('recording', () => statusOf(media, id)?.state === 'recording');
    const pid = await until('a recorder', () => statusOf(media, id)?.recorderPid);
    process.kill(pid, 'SIGSTOP');
    await until('an offline event', () => eventsOf(media, 'camera_offline').length === 1);
    expect(eventsOf(media, 'camera_offline')[0]?.payload).toContain('stood still');
    await until('recording again', () => statusOf(media, id)?.state === 'recording');
    expect(segmentsOf(media, id).length).toBeGreaterThan(0);
    await rig.fleet.stop();
    expect(await childrenOf(media.folder)).toEqual([]);
  });

  test('keeps its recorder when a change does not concern it', async () => {
    const { media, id } = await withStreet();
    await using _ = media;
    await using rig = await createMediaRig(media);
    await rig.fleet.start();
    const status = () => statusOf(media, id);
    await until('recording', () => status()?.state === 'recording');
    const pid = status()?.recorderPid;
    const change = async (columns: object) => {
      const expectedUpdatedAt = media.registry.get(id)?.updatedAt ?? 0;
      await media.store.write('cameras.update', { id, expectedUpdatedAt, columns, secrets: {} });
      await rig.fleet.reconcile(id);
    };
    await change({ name: 'Another name', retentionHours: 7 });
    expect(status()?.recorderPid).toBe(pid);
    await change({ segmentSeconds: 8 });
    await until('another recorder', () => status()?.state === 'recording' && status()?.recorderPid !== pid);
    await change({ recordMode: 'scheduled' });
    const stateDetail: unknown = expect.stringContaining('outside its windows');
    expect(status()).toMatchObject({ state: 'disabled', recorderPid: null, stateDetail });
    expect(await childrenOf(media.folder)).toEqual([]);
    expect(eventsOf(media, 'camera_offline')).toEqual([]);
  });

  // Where setpriv exists the recorder ends with the kernel; everywhere the next kernel ends it.
  const variants = tools.setpriv === null ? ['without-setpriv'] : ['with-setpriv', 'without-setpriv'];
  test.each(variants)('loses nothing that was on disk when the kernel is killed (%s)', async (variant) => {
    const { media, id } = await withStreet();
    const { folder } = media;
    await media.store.close();
    const crashing = execa(
      process.execPath,
      ['--conditions=heldar-source', recorderProcess, folder, variant],
      {
        reject: false,
      },
    );
    await until('pictures of the second segment', () => isWriting(folder, id, 1));
    const [child] = await childrenOf(folder);
    expect(child).toBeDefined();
    crashing.kill('SIGKILL');
    await crashing;
    const killedAt = Date.now();
    if (variant === 'with-setpriv')
      await until('the end of the recorder', async () => (await childrenOf(folder)).length === 0);

    // As a kernel does that starts.
    expect((await endOrphans(folder)).ended).toEqual(variant === 'with-setpriv' ? [] : [child]);
    expect(await childrenOf(folder)).toEqual([]);
    await using again = await reopenMediaStore(folder);
    await using rig = await createMediaRig(again);
    await rig.fleet.start();
    const found = segmentsOf(again, id);
    expect(found.length).toBeGreaterThanOrEqual(2);
    const last = found.at(-1);
    expect(killedAt - (last?.endTime ?? 0)).toBeLessThan(1000);
    for (const { path } of found)
      expect(await decodedFrames(join(again.recordingsDir, path))).toBeGreaterThan(0);
    expect(rangesOf(again, id)).toHaveLength(1);
  });
});

test.concurrent('a camera that goes away and comes back is reported once each way', async () => {
  await using media = await openMediaStore();
  const camera = createSimulatedCamera({ file: street });
  await camera.start();
  const port = Number(new URL(camera.url).port);
  const id = await media.createCamera({
    name: 'Street',
    main_stream_url: camera.url,
    segment_seconds: segmentSeconds,
  });
  await using rig = await createMediaRig(media);
  await rig.fleet.start();
  await until('recording', () => statusOf(media, id)?.state === 'recording');
  await camera.stop();
  await until('some attempts in vain', () => (statusOf(media, id)?.reconnectCount ?? 0) >= 3, 30_000);
  const covered = segmentsOf(media, id).at(-1)?.endTime ?? Infinity;
  await until('a hole that counts', () => Date.now() - covered > 5000);
  expect(eventsOf(media, 'camera_offline')).toHaveLength(1);
  expect(eventsOf(media, 'camera_online')).toHaveLength(0);

  const back = createSimulatedCamera({ file: street, port });
  await back.start();
  await until('recording again', () => statusOf(media, id)?.state === 'recording', 30_000);
  await until('a segment after the outage', () => eventsOf(media, 'recording_gap').length === 1, 30_000);
  expect(eventsOf(media, 'camera_offline')).toHaveLength(1);
  expect(eventsOf(media, 'camera_online')).toHaveLength(1);
  expect(rangesOf(media, id)).toHaveLength(2);
  expect(eventsOf(media, 'recording_gap')[0]?.payload).toMatch(/"cause":"(?:refused|camera_offline)"/);
  await rig.fleet.stop();
  await back.stop();
  expect(await childrenOf(media.folder)).toEqual([]);
});

test.concurrent('a camera without a URL is an error that is told once, until it gets one', async () => {
  await using media = await openMediaStore();
  await using camera = await startedCamera();
  const id = await media.createCamera({ name: 'Door' });
  await using rig = await createMediaRig(media);
  await rig.fleet.start();
  const lastError: unknown = expect.stringContaining('main_stream_url');
  expect(statusOf(media, id)).toMatchObject({ state: 'error', lastError });
  const change = async (columns: object, secrets: object) => {
    const expectedUpdatedAt = media.registry.get(id)?.updatedAt ?? 0;
    await media.store.write('cameras.update', { id, expectedUpdatedAt, columns, secrets });
    await rig.fleet.reconcile(id);
  };
  await change({ name: 'Back door' }, {});
  expect(eventsOf(media, 'recorder_error')).toHaveLength(1);
  await change({}, { mainStreamUrl: camera.url });
  await until('recording', () => statusOf(media, id)?.state === 'recording');
  expect(eventsOf(media, 'camera_online')).toHaveLength(1);
  expect(statusOf(media, id)?.lastError).toBeNull();
});

test.concurrent('what a crash left between two steps is put right at the next start', async () => {
  await using media = await openMediaStore();
  const id = await media.createCamera({ name: 'Door', main_stream_url: 'rtsp://127.0.0.1:1/x' });
  const folder = join(media.recordingsDir, id);
  const cut = (from: number, file: string) => {
    const range = ['-ss', String(from), '-t', '3', '-i', street, '-c', 'copy', join(folder, file)];
    return execa('ffmpeg', ['-nostdin', '-v', 'error', ...range]);
  };
  await (await createMediaRig(media)).fleet.start();
  await until('the folder', () => readdir(folder).catch(() => null));
  const run = 'w0123456789abcdef';
  // Killed while writing; killed after the name was given; killed before the row was written; never a movie; nothing in it.
  await cut(0, `${run}_000000.mp4`);
  await cut(3, '20260101_000003.mp4');
  await link(join(folder, '20260101_000003.mp4'), join(folder, `${run}_000001.mp4`));
  await cut(6, '20260101_000006.mp4');
  await writeFile(join(folder, `${run}_000002.mp4`), 'not a movie');
  await writeFile(join(folder, `${run}_000003.mp4`), '');
  // Of a camera that nobody knows.
  await rename(join(folder, '20260101_000006.mp4'), join(folder, 'kept.mp4'));
  await cut(6, '20260101_000006.mp4');

  await using rig = await createMediaRig(media);
  await rig.fleet.start();
  await until('three segments', () => segmentsOf(media, id).length === 3);
  const named = segmentsOf(media, id).filter(({ path }) => path.includes('/20260101_'));
  expect(named.map(({ startTime }) => new Date(startTime).toISOString())).toEqual([
    '2026-01-01T00:00:03.000Z',
    '2026-01-01T00:00:06.000Z',
  ]);
  const names = await readdir(folder);
  expect(names.filter((name) => name.startsWith(run))).toEqual([]);
  expect(names).toContain('kept.mp4');
  expect(await readdir(join(media.recordingsDir, '.quarantine', id))).toEqual([`${run}_000002.mp4`]);
  expect(media.sql('SELECT root, path, camera_id, size_bytes FROM quarantined')).toEqual([
    { root: '', path: `.quarantine/door/${run}_000002.mp4`, camera_id: 'door', size_bytes: 11 },
  ]);
  expect(eventsOf(media, 'recording_quarantined')).toHaveLength(1);
});
