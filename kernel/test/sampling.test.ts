import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { capturedAtText } from '../src/media/frame-id.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { openWriter } from '../src/store/database.ts';
import { childrenOf, createMediaRig } from './media-rig.ts';
import { openMediaStore, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const startOfJpeg = Buffer.from([0xff, 0xd8, 0xff]);

let camera: SimulatedCamera;
beforeAll(async () => {
  camera = createSimulatedCamera({ file: street });
  await camera.start();
});
afterAll(() => camera.stop());

async function addTask(media: MediaStore, cameraId: string, more: object = {}): Promise<string> {
  const id = `ai_${cameraId}_${JSON.stringify(more).length}`;
  const columns = {
    taskType: 'motion',
    enabled: true,
    streamProfile: 'sub' as const,
    fps: 5,
    width: 320,
    config: {},
  };
  await media.store.write('tasks.create', { id, cameraId, columns: { ...columns, ...more } });
  return id;
}

const sizeOfJpeg = (jpeg: Buffer) => {
  // The frame header (SOF0) holds height and width behind its marker, length and precision.
  const at = jpeg.indexOf(Buffer.from([0xff, 0xc0]));
  return { height: jpeg.readUInt16BE(at + 5), width: jpeg.readUInt16BE(at + 7) };
};

describe.concurrent('sampling', () => {
  test('gives pictures of the width and rate that were asked for, found by the id a worker makes', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({ name: 'Street', main_stream_url: camera.url });
    const taskId = await addTask(media, id);
    await using rig = await createMediaRig(media);
    const { samplers } = rig;
    samplers.start();
    expect(samplers.list()).toEqual([{ camera_id: id, stream_profile: 'sub', state: 'connecting', fps: 5 }]);
    const first = await until('a picture', () => samplers.newest(id, 'sub'));
    expect(samplers.list()[0]?.state).toBe('sampling');
    expect(first.jpeg.subarray(0, 3)).toEqual(startOfJpeg);
    expect(sizeOfJpeg(first.jpeg)).toEqual({ width: 320, height: 240 });
    expect(Math.abs(Date.now() - first.capturedAt)).toBeLessThan(2000);

    const times = new Set<number>();
    await until('ten more pictures', () => times.add(samplers.newest(id, 'sub')?.capturedAt ?? 0).size > 10);
    const [from, to] = [Math.min(...times), Math.max(...times)];
    expect((to - from) / (times.size - 1)).toBeGreaterThan(150);
    expect((to - from) / (times.size - 1)).toBeLessThan(300);

    expect(samplers.resolve(id, `${taskId}:${capturedAtText(first.capturedAt)}`)).toBe(first);
    expect(samplers.resolve(id, 'anything')?.capturedAt).toBeGreaterThan(first.capturedAt);
    expect(samplers.resolve('other', null)).toBeUndefined();
    expect(samplers.newest(id, 'main')).toBeUndefined();
    await samplers.stop();
    expect(samplers.list()).toEqual([]);
    expect(await childrenOf(media.folder)).toEqual([]);
  });

  test('touches only the samplers that a change concerns', async () => {
    await using media = await openMediaStore();
    const [a, b] = [
      await media.createCamera({ name: 'A', main_stream_url: camera.url }),
      await media.createCamera({ name: 'B', main_stream_url: camera.url }),
    ];
    await addTask(media, a);
    const taskOfB = await addTask(media, b);
    await using rig = await createMediaRig(media);
    const { samplers } = rig;
    samplers.start();
    await until('pictures of both', () => samplers.newest(a, 'sub') && samplers.newest(b, 'sub'));
    const children = await childrenOf(media.folder);
    expect(children).toHaveLength(2);

    await media.store.write('tasks.update', { id: taskOfB, columns: { width: 160 } });
    samplers.replan();
    expect(samplers.list().map(({ state }) => state)).toEqual(['sampling', 'connecting']);
    await until('smaller pictures', () => {
      const frame = samplers.newest(b, 'sub');
      return frame !== undefined && sizeOfJpeg(frame.jpeg).width === 160;
    });
    const afterwards = await childrenOf(media.folder);
    expect(afterwards).toHaveLength(2);
    expect(afterwards.filter((pid) => children.includes(pid))).toHaveLength(1);

    const expectedUpdatedAt = media.registry.get(a)?.updatedAt ?? 0;
    await media.store.write('cameras.update', {
      id: a,
      expectedUpdatedAt,
      columns: { enabled: false },
      secrets: {},
    });
    expect(samplers.list().map(({ camera_id }) => camera_id)).toEqual([b]);
    await media.store.write('tasks.delete', { id: taskOfB });
    samplers.replan();
    expect(samplers.list()).toEqual([]);
    await until('no sampler', async () => (await childrenOf(media.folder)).length === 0);
  });

  test('says an outage once, and goes on when the camera is back', async () => {
    await using media = await openMediaStore();
    const first = createSimulatedCamera({ file: street });
    await first.start();
    const id = await media.createCamera({ name: 'Away', main_stream_url: first.url });
    await addTask(media, id);
    await using rig = await createMediaRig(media);
    rig.samplers.start();
    await until('a picture', () => rig.samplers.newest(id, 'sub'));
    await first.stop();
    const state = () => rig.samplers.list()[0]?.state;
    const outages = () =>
      media.sql<{ payload: string }>(`SELECT payload FROM events WHERE event_type = 'sampler_offline'`);
    await until('an outage', () => state() === 'offline' && outages().length > 0);
    const seen: (string | undefined)[] = [];
    await until('a try in vain', () => {
      if (seen.at(-1) !== state()) seen.push(state());
      return seen.filter((value) => value === 'offline').length >= 3;
    });
    expect(outages()).toHaveLength(1);
    expect(JSON.parse(outages()[0]?.payload ?? '{}')).toMatchObject({ profile: 'sub' });
    const second = createSimulatedCamera({ file: street, port: Number(new URL(first.url).port) });
    await second.start();
    await until('sampling again', () => state() === 'sampling', 30_000);
    await rig.samplers.stop();
    await second.stop();
  });

  test('is an error without a stream, and waits for its share of the budget', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({ name: 'Dumb' });
    for (const streamProfile of ['sub', 'main']) await addTask(media, id, { streamProfile, fps: 1 });
    const other = await media.createCamera({ name: 'Other', main_stream_url: 'rtsp://127.0.0.1:1/x' });
    await addTask(media, other);
    await using rig = await createMediaRig(media, { maxTotalFps: 1 });
    rig.samplers.start();
    expect(rig.samplers.list()).toEqual([
      { camera_id: id, stream_profile: 'main', state: 'error', fps: 0.5 },
      { camera_id: id, stream_profile: 'sub', state: 'error', fps: 0.5 },
      { camera_id: other, stream_profile: 'sub', state: 'budget_exhausted', fps: 0 },
    ]);
  });
});

const stateOf = (media: MediaStore, file: string) =>
  media.sql<{ state: string }>('SELECT state FROM evidence WHERE file = ?', file)[0]?.state;
const addRow = (media: MediaStore, file: string) => {
  const db = openWriter(media.store.file);
  db.prepare(`INSERT INTO evidence VALUES (?, 'street', 'zones', NULL, 0, 'pending', 0)`).run(file);
  db.close();
};

describe('evidence', () => {
  test('is the very frame that was pinned, on disk once it is kept', async () => {
    await using media = await openMediaStore();
    const id = await media.createCamera({ name: 'Street', main_stream_url: camera.url });
    await addTask(media, id);
    await using rig = await createMediaRig(media);
    const { samplers, evidence } = rig;
    await evidence.start();
    samplers.start();
    const frame = await until('a picture', () => samplers.newest(id, 'sub'));
    const still = (file: string, capturedAt = frame.capturedAt) => ({
      file,
      cameraId: id,
      frameId: null,
      capturedAt,
    });
    for (const file of ['kept.jpg', 'dropped.jpg', 'late.jpg']) addRow(media, file);
    evidence.pin(still('kept.jpg'));
    evidence.pin(still('dropped.jpg'));
    evidence.pin(still('late.jpg', 12_345));
    evidence.drop(['dropped.jpg']);
    evidence.keep(['kept.jpg', 'late.jpg']);
    await evidence.flush();
    expect(await readFile(join(rig.snapshotsDir, 'kept.jpg'))).toEqual(frame.jpeg);
    expect(stateOf(media, 'kept.jpg')).toBe('kept');
    expect(stateOf(media, 'late.jpg')).toBe('missing');
    expect(stateOf(media, 'dropped.jpg')).toBe('pending');
  });

  test('that a crash left pending is settled by what is on disk', async () => {
    await using media = await openMediaStore();
    const rig = await createMediaRig(media);
    await mkdir(rig.snapshotsDir);
    await writeFile(join(rig.snapshotsDir, 'there.jpg'), 'a picture');
    await writeFile(join(rig.snapshotsDir, 'half.jpg.partial'), 'half a pict');
    for (const file of ['there.jpg', 'half.jpg']) addRow(media, file);
    await rig.evidence.start();
    expect(stateOf(media, 'there.jpg')).toBe('kept');
    expect(stateOf(media, 'half.jpg')).toBe('missing');
    await expect(readFile(join(rig.snapshotsDir, 'half.jpg.partial'))).rejects.toMatchObject({
      code: 'ENOENT',
    });
  });
});
