import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { findMediaTools, type MediaTools } from '../src/media/tools.ts';
import { markerVariable } from '../src/media/ffmpeg.ts';
import { timelineOf } from '../src/playback/timeline.ts';
import { createFleet, type Fleet } from '../src/recording/fleet.ts';
import { createIndexer } from '../src/recording/indexer.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { readCameraStatus } from '../src/store/camera-queries.ts';
import { coverage, listSegments, segmentTotalsOf } from '../src/store/segment-queries.ts';
import { openMediaStore, silentLog, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const segmentSeconds = 4;

let tools: MediaTools;
beforeAll(async () => {
  tools = await findMediaTools();
});

interface Rig extends AsyncDisposable {
  readonly media: MediaStore;
  readonly fleet: Fleet;
  readonly marker: string;
}

async function startRig(media: MediaStore): Promise<Rig> {
  const { store, registry, recordingsDir, folder } = media;
  const indexer = createIndexer({ store, clock: systemClock, recordingsDir, log: silentLog });
  const fleet = createFleet({
    store,
    registry,
    indexer,
    tools,
    clock: systemClock,
    random: Math.random,
    recordingsDir,
    enabled: true,
    marker: folder,
    log: silentLog,
  });
  await fleet.start();
  return {
    media,
    fleet,
    marker: folder,
    async [Symbol.asyncDispose]() {
      await fleet.stop();
    },
  };
}

/** Media processes of that kernel that are alive. */
async function childrenOf(marker: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`${markerVariable}=${marker}`)) found.push(Number(pid));
  }
  return found;
}

async function decodedFrames(file: string): Promise<number> {
  const entries = ['-count_frames', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_frames'];
  const { stdout, stderr } = await execa('ffprobe', ['-v', 'error', ...entries, '-of', 'csv=p=0', file]);
  expect(stderr).toBe('');
  return Number(stdout);
}

function rangesOf({ store }: MediaStore, cameraId: string) {
  return timelineOf(coverage(store.read, cameraId, {})).ranges;
}

const events = (media: MediaStore, type: string) =>
  media.sql<{ at_ms: number; payload: string }>(
    'SELECT at_ms, payload FROM events WHERE event_type = ? ORDER BY seq',
    type,
  );

describe('a camera that stays', () => {
  let camera: SimulatedCamera;
  beforeAll(async () => {
    camera = createSimulatedCamera({ file: street });
    await camera.start();
  });
  afterAll(() => camera.stop());

  test('is recorded into segments that decode and cover the time without a hole', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      segment_seconds: segmentSeconds,
    });
    const rig = await startRig(media);
    await until('recording', () => readCameraStatus(media.store.read, id)?.state === 'recording');
    const segments = () => listSegments(media.store.read, id, {}, 100);
    await until('four segments', () => segments().length >= 4, 40_000);
    await rig.fleet.stop();

    const found = segments();
    expect(found.length).toBeGreaterThanOrEqual(5);
    let bytes = 0;
    for (const segment of found) {
      expect(segment.path).toMatch(/^street\/[0-9]{8}_[0-9]{6}\.mp4$/);
      expect(segment).toMatchObject({ codec: 'h264', width: 640, height: 480 });
      const frames = await decodedFrames(join(media.recordingsDir, segment.path));
      expect(Math.abs(frames * 100 - (segment.endTime - segment.startTime))).toBeLessThan(1000);
      bytes += segment.sizeBytes;
    }
    expect(rangesOf(media, id)).toHaveLength(1);
    for (const [index, segment] of found.slice(1).entries())
      expect(Math.abs(segment.startTime - (found[index]?.endTime ?? 0))).toBeLessThan(1000);
    expect(segmentTotalsOf(media.store.read, '')).toEqual({ segmentCount: found.length, sizeBytes: bytes });
    expect((await readdir(join(media.recordingsDir, id))).sort()).toEqual(
      found.map(({ path }) => path.slice(id.length + 1)).sort(),
    );
    expect(events(media, 'camera_offline')).toEqual([]);
    expect(events(media, 'recording_gap')).toEqual([]);
    expect(readCameraStatus(media.store.read, id)).toMatchObject({
      state: 'unknown',
      recorderPid: null,
      segmentsWritten: found.length,
    });
    expect(await childrenOf(rig.marker)).toEqual([]);
  });

  test('loses at most a second when its ffmpeg is killed, and says offline and online once', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      segment_seconds: segmentSeconds,
    });
    await using rig = await startRig(media);
    const status = () => readCameraStatus(media.store.read, id);
    await until('a first segment', () => listSegments(media.store.read, id, {}, 1).length > 0);
    const pid = await until('a recorder', () => status()?.recorderPid);
    process.kill(pid, 'SIGKILL');
    const killedAt = Date.now();
    await until('an offline event', () => events(media, 'camera_offline').length === 1);
    const tail = await until('the killed file', () =>
      listSegments(media.store.read, id, {}, 100).findLast(({ endTime }) => endTime <= killedAt + 50),
    );
    expect(killedAt - tail.endTime).toBeLessThan(1000);
    expect(await decodedFrames(join(media.recordingsDir, tail.path))).toBeGreaterThan(0);

    await until('recording again', () => events(media, 'camera_online').length === 1);
    const second = await until('a second recorder', () => status()?.recorderPid);
    expect(second).not.toBe(pid);
    expect(events(media, 'camera_offline')).toHaveLength(1);
    expect(status()).toMatchObject({ state: 'recording', reconnectCount: 1, lastError: null });
    await rig.fleet.stop();
    expect(await childrenOf(rig.marker)).toEqual([]);
  });

  test('keeps its recorder when a change does not concern it', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({ name: 'Street', main_stream_url: camera.url });
    await using rig = await startRig(media);
    const status = () => readCameraStatus(media.store.read, id);
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
    expect(status()).toMatchObject({
      state: 'disabled',
      recorderPid: null,
      stateDetail: expect.stringContaining('scheduled'),
    });
    expect(await childrenOf(rig.marker)).toEqual([]);
  });

  test('is indexed after a crash of the kernel, whose ffmpeg is ended by the next one', async () => {
    const media = await openMediaStore();
    const id = await media.createCamera({
      name: 'Street',
      main_stream_url: camera.url,
      segment_seconds: segmentSeconds,
    });
    const first = await startRig(media);
    const segments = () => listSegments(media.store.read, id, {}, 100).length;
    await until('a segment', () => segments() > 0);
    // The kernel is gone without a word: its writes fail from now on, its ffmpeg lives.
    const before = segments();
    const again = await media.reopen();
    const [orphan] = await childrenOf(first.marker);
    expect(orphan).toBeDefined();
    await using _ = again;
    await using rig = await startRig(again);
    expect(await childrenOf(rig.marker)).not.toContain(orphan);
    await until('the file that was open', () => listSegments(again.store.read, id, {}, 100).length > before);
    await first.fleet.stop();
  });
});

test('a camera that goes away and comes back is reported once each way', async () => {
  await using media = await openMediaStore();
  const camera = createSimulatedCamera({ file: street });
  await camera.start();
  const port = Number(new URL(camera.url).port);
  const id = await media.createCamera({
    name: 'Street',
    main_stream_url: camera.url,
    segment_seconds: segmentSeconds,
  });
  await using rig = await startRig(media);
  const status = () => readCameraStatus(media.store.read, id);
  await until('recording', () => status()?.state === 'recording');
  await camera.stop();
  await until('some attempts in vain', () => (status()?.reconnectCount ?? 0) >= 3, 30_000);
  expect(events(media, 'camera_offline')).toHaveLength(1);
  expect(events(media, 'camera_online')).toHaveLength(0);

  const back = createSimulatedCamera({ file: street, port });
  await back.start();
  await until('recording again', () => status()?.state === 'recording', 30_000);
  await until('a segment after the outage', () => events(media, 'recording_gap').length === 1, 30_000);
  expect(events(media, 'camera_offline')).toHaveLength(1);
  expect(events(media, 'camera_online')).toHaveLength(1);
  expect(rangesOf(media, id)).toHaveLength(2);
  await rig.fleet.stop();
  await back.stop();
  expect(await childrenOf(rig.marker)).toEqual([]);
});
