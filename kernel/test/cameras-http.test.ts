import { readdir } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { everyCamera } from '../src/auth/camera-scope.ts';
import { rootPlaces } from '../src/cameras/camera-places.ts';
import { createCameraRemoval } from '../src/cameras/remove-camera.ts';
import { systemClock } from '../src/clock.ts';
import { testHttp } from '../src/http/http-for-tests.ts';
import type { Http } from '../src/http/server.ts';
import { aiTaskRoutes } from '../src/http/routes/ai-tasks.ts';
import { cameraRoutes } from '../src/http/routes/cameras.ts';
import { cameraStatusRoutes } from '../src/http/routes/camera-status.ts';
import { frameRoutes } from '../src/http/routes/frames.ts';
import { recordingRoutes } from '../src/http/routes/recordings.ts';
import { findMediaTools } from '../src/media/tools.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { openWriter } from '../src/store/database.ts';
import { childrenOf, createMediaRig, type MediaRig } from './media-rig.ts';
import { cameraDefaults, openMediaStore, silentLog, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));

let media: MediaStore;
let rig: MediaRig;
let http: Http;
beforeEach(async () => {
  media = await openMediaStore();
  const { store, registry, folder } = media;
  const tools = await findMediaTools();
  rig = await createMediaRig(media, { tools });
  const { fleet, samplers, garbage, roots } = rig;
  const common = { store, registry, clock: systemClock, samplers, tools, marker: folder };
  const removal = createCameraRemoval({
    store,
    registry,
    fleet,
    evidence: rig.evidence,
    garbage,
    places: rootPlaces(roots),
    writers: [],
    log: silentLog,
  });
  const routes = [
    ...cameraRoutes({ ...common, removal, roots: ['nas'], defaults: cameraDefaults }),
    ...cameraStatusRoutes(common),
    ...recordingRoutes(common),
    ...aiTaskRoutes({ ...common, defaults: { fps: 5, width: 1280 } }),
    ...frameRoutes(common),
  ];
  ({ http } = testHttp(routes, { camerasOf: () => everyCamera((id) => registry.get(id) !== undefined) }));
  await fleet.start();
  samplers.start();
});
afterEach(async () => {
  await http.stop(1000);
  await rig[Symbol.asyncDispose]();
  await media[Symbol.asyncDispose]();
});

async function call(method: string, path: string, body?: unknown) {
  const response = await http.inject(path, { method, ...(body === undefined ? {} : { body }) });
  const text = await response.text();
  const json: unknown = text === '' ? undefined : JSON.parse(text);
  return { status: response.status, json: json as Record<string, unknown> & Record<string, unknown>[] };
}
const create = (body: object) => call('POST', '/api/v1/cameras', { record_enabled: false, ...body });

describe('cameras over HTTP', () => {
  test('are created, read, listed and changed, without ever showing a secret', async () => {
    const made = await create({
      name: 'Gate A 01',
      vendor: 'hikvision',
      address: '10.0.0.5',
      username: 'admin',
      password: 'p@ss/w:rd',
      anr_replay_url_template: 'rtsp://root:other@x/{start}',
    });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      id: 'gate_a_01',
      has_password: true,
      record_url_masked: 'rtsp://***@10.0.0.5:554/Streaming/Channels/101',
      anr_replay_url_template: 'rtsp://***@x/{start}',
      site_id: null,
      capabilities: {},
      enabled: true,
      record_enabled: false,
    });
    expect(made.json['created_at']).toMatch(/^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{3})?Z$/);
    const changed = await call('PATCH', '/api/v1/cameras/gate_a_01', {
      password: null,
      name: 'Gate',
      rtsp_port: null,
    });
    expect(changed.json).toMatchObject({
      name: 'Gate',
      has_password: false,
      rtsp_port: 554,
      username: 'admin',
    });
    expect((await call('GET', '/api/v1/cameras/gate_a_01')).json).toEqual(changed.json);
    const list = await call('GET', '/api/v1/cameras');
    expect(list.json).toEqual([changed.json]);
    const said = JSON.stringify([made.json, changed.json, list.json]);
    for (const secret of ['p@ss/w:rd', 'p%40ss', 'other']) expect(said).not.toContain(secret);
  });

  test.each([
    ['POST', '/api/v1/cameras', { name: ' ' }, 400],
    ['POST', '/api/v1/cameras', {}, 422],
    ['POST', '/api/v1/cameras', { name: 7 }, 422],
    ['POST', '/api/v1/cameras', { name: 'x', vendor: null }, 422],
    ['POST', '/api/v1/cameras', { name: 'x', rtsp_port: 1.5 }, 422],
    ['POST', '/api/v1/cameras', { name: 'x', rtsp_port: 70_000 }, 400],
    ['POST', '/api/v1/cameras', { name: 'x', site_id: 'nowhere' }, 400],
    ['POST', '/api/v1/cameras', { name: 'x', main_stream_url: 'ftp://x/' }, 400],
    ['POST', '/api/v1/cameras', { name: 'x', record_mode: 'always' }, 400],
    ['POST', '/api/v1/cameras', { name: 'Taken' }, 409],
    ['PATCH', '/api/v1/cameras/taken', { vendor: '' }, 400],
    ['PATCH', '/api/v1/cameras/taken', { site_id: 'nowhere' }, 400],
    ['PATCH', '/api/v1/cameras/none', { vendor: '' }, 404],
    ['GET', '/api/v1/cameras/none', undefined, 404],
    ['DELETE', '/api/v1/cameras/none', undefined, 404],
    ['GET', '/api/v1/cameras/none/health', undefined, 404],
    ['GET', '/api/v1/cameras/taken/test', undefined, 400],
    ['POST', '/api/v1/cameras/none/test', undefined, 404],
    ['GET', '/api/v1/cameras/none/segments?from=nonsense', undefined, 404],
    ['GET', '/api/v1/cameras/taken/segments?from=nonsense', undefined, 400],
    [
      'GET',
      '/api/v1/cameras/taken/segments?from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z',
      undefined,
      400,
    ],
    ['GET', '/api/v1/cameras/taken/timeline?limit=x', undefined, 400],
    ['GET', '/api/v1/cameras/taken/frame', undefined, 404],
    ['GET', '/api/v1/cameras/taken/frame?profile=third', undefined, 400],
    ['GET', '/api/v1/cameras/taken/frame?profile=', undefined, 400],
    ['GET', '/api/v1/cameras/..%2Fx/frame', undefined, 400],
    ['POST', '/api/v1/cameras/taken/ai-tasks', { task_type: '' }, 400],
    ['POST', '/api/v1/cameras/taken/ai-tasks', { task_type: 'x', stream_profile: 'third' }, 400],
    ['POST', '/api/v1/cameras/taken/ai-tasks', { task_type: 'x', width: 1.5 }, 422],
    ['POST', '/api/v1/cameras/none/ai-tasks', { task_type: '' }, 404],
    ['PATCH', '/api/v1/ai-tasks/none', {}, 404],
    ['DELETE', '/api/v1/ai-tasks/none', undefined, 404],
  ] as const)('%s %s %j is a %i', async (method, path, body, status) => {
    await create({ name: 'Taken' });
    expect(await call(method, path, body)).toMatchObject({ status, json: { error: expect.any(String) } });
  });

  test('choose one of the recording roots there are', async () => {
    const { status, json } = await create({ name: 'Gate', recordings_root: 'usb' });
    expect(status).toBe(400);
    expect(json['error']).toBe("recordings_root: no recordings root is called 'usb'; there are nas");
    expect((await create({ name: 'Gate', recordings_root: 'nas' })).json['recordings_root']).toBe('nas');
    const change = (body: object) => call('PATCH', '/api/v1/cameras/gate', body);
    expect((await change({ recordings_root: 'usb' })).status).toBe(400);
    expect((await change({ recordings_root: null })).json['recordings_root']).toBeNull();
  });

  test('say which field is at fault, and never what stood in it', async () => {
    await create({ name: 'Gate' });
    for (const [field, value] of [
      ['main_stream_url', 'rtsp://admin:planted secret@cam/'],
      ['sub_stream_url', 'planted'],
      ['anr_replay_url_template', 'planted'],
      ['address', 'admin:planted@cam'],
      ['password', 'planted\n'],
      ['time_zone', 'planted'],
      ['rtsp_port', 'planted'],
      ['recordings_root', ['planted']],
    ] as const) {
      const { json } = await call('PATCH', '/api/v1/cameras/gate', { [field]: value });
      expect(json['error']).toMatch(new RegExp(`^${field}: `));
      expect(JSON.stringify(json)).not.toContain('planted');
    }
  });

  test('take changes that come at once', async () => {
    await create({ name: 'Gate' });
    const changes = [{ name: 'One' }, { model: 'two' }, { rtsp_port: 3 }, { retention_hours: 4 }];
    const done = await Promise.all(changes.map((body) => call('PATCH', '/api/v1/cameras/gate', body)));
    expect(done.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await call('GET', '/api/v1/cameras/gate')).json).toMatchObject(Object.assign({}, ...changes));
  });

  test('go with their rows, and not while footage is held', async () => {
    await create({ name: 'Gate' });
    const incarnation = media.registry.incarnation('gate') ?? 0;
    const segment = {
      id: 's',
      path: 'gate/x.mp4',
      startTime: 0,
      endTime: 1,
      codec: null,
      width: null,
      height: null,
      sizeBytes: 1,
    };
    await media.store.write('segments.add', { incarnation, segment, live: null });
    const hold = (value: number) => {
      const db = openWriter(media.store.file);
      db.prepare('UPDATE segments SET evidence_locked = ?').run(value);
      db.close();
    };
    hold(1);
    expect((await call('DELETE', '/api/v1/cameras/gate')).status).toBe(409);
    hold(0);
    expect(await call('DELETE', '/api/v1/cameras/gate')).toEqual({ status: 204, json: undefined });
    expect((await call('GET', '/api/v1/cameras')).json).toEqual([]);
    expect((await create({ name: 'Gate' })).status).toBe(201);
    expect(media.registry.incarnation('gate')).not.toBe(incarnation);
  });

  test('have tasks that workers find, with rates and widths in their bounds', async () => {
    await create({ name: 'Gate' });
    const made = await call('POST', '/api/v1/cameras/gate/ai-tasks', {
      task_type: 'motion',
      fps: 99,
      width: 1,
    });
    expect(made.status).toBe(201);
    expect(made.json).toMatchObject({
      camera_id: 'gate',
      fps: 30,
      width: 160,
      stream_profile: 'sub',
      config: {},
      enabled: true,
    });
    const id = String(made.json['id']);
    expect(id).toMatch(/^ai_[0-9a-f]{32}$/);
    const found = await call('GET', '/api/v1/ai/tasks');
    expect(found.json).toEqual([
      {
        id,
        camera_id: 'gate',
        task_type: 'motion',
        stream_profile: 'sub',
        fps: 30,
        width: 160,
        config: {},
        frame_url: '/api/v1/cameras/gate/frame?profile=sub',
      },
    ]);
    expect((await call('GET', '/api/v1/ai/samplers')).json).toEqual([
      { camera_id: 'gate', stream_profile: 'sub', state: 'error', fps: 30 },
    ]);
    const changed = await call('PATCH', `/api/v1/ai-tasks/${id}`, {
      enabled: false,
      fps: null,
      config: { a: 1 },
    });
    expect(changed.json).toMatchObject({ enabled: false, fps: 30, config: { a: 1 } });
    expect((await call('GET', '/api/v1/cameras/gate/ai-tasks')).json).toEqual([changed.json]);
    expect((await call('GET', '/api/v1/ai/tasks')).json).toEqual([]);
    expect((await call('GET', '/api/v1/ai/samplers')).json).toEqual([]);
    expect((await call('DELETE', `/api/v1/ai-tasks/${id}`)).status).toBe(204);
  });
});

describe('a camera that streams', () => {
  let camera: SimulatedCamera;
  beforeAll(async () => {
    camera = createSimulatedCamera({ file: street });
    await camera.start();
  });
  afterAll(() => camera.stop());

  test('is tested, recorded, sampled and deleted over HTTP', async () => {
    const url = camera.url.replace('rtsp://', 'rtsp://admin:secret@');
    await create({ name: 'Street', main_stream_url: url, record_enabled: true, segment_seconds: 2 });
    await call('POST', '/api/v1/cameras/street/ai-tasks', { task_type: 'motion', width: 320 });
    const tested = await call('POST', '/api/v1/cameras/street/test');
    expect(tested).toEqual({
      status: 200,
      json: {
        reachable: true,
        codec: 'h264',
        width: 640,
        height: 480,
        url: url.replace('admin:secret', '***'),
      },
    });

    const frame = await until('a frame', async () => {
      const response = await http.inject('/api/v1/cameras/street/frame');
      return response.status === 200 && response;
    });
    expect(frame.headers.get('content-type')).toBe('image/jpeg');
    expect(frame.headers.get('cache-control')).toBe('no-store');
    expect(frame.headers.get('x-frame-age-ms')).toMatch(/^[0-9]+$/);
    expect(frame.headers.get('x-frame-captured-at')).toMatch(/^[-0-9]{10}T[:0-9]{8}(\.[0-9]{3})?\+00:00$/);
    expect(Buffer.from(await frame.arrayBuffer()).subarray(0, 2)).toEqual(Buffer.from([0xff, 0xd8]));

    const segments = await until('segments', async () => {
      const { json } = await call('GET', '/api/v1/cameras/street/segments');
      return json.length >= 2 && json;
    });
    expect(segments[0]).toMatchObject({
      camera_id: 'street',
      container: 'mp4',
      codec: 'h264',
      locked: false,
      url: `/media/recordings/${String(segments[0]?.['path'])}`,
    });
    const from = encodeURIComponent(String(segments[0]?.['start_time']));
    const timeline = await call('GET', `/api/v1/cameras/street/timeline?from=${from}`);
    expect(timeline.json).toMatchObject({
      camera_id: 'street',
      to: null,
      ranges: [{ start: segments[0]?.['start_time'] }],
    });
    const gaps = await call('GET', `/api/v1/cameras/street/gaps?from=${from}`);
    expect(gaps.json).toMatchObject({ gaps: [], gap_count: 0, total_gap_seconds: 0 });
    expect((await call('GET', '/api/v1/health/cameras')).json).toMatchObject([
      { camera_id: 'street', state: 'recording', last_error: null },
    ]);

    expect((await call('DELETE', '/api/v1/cameras/street')).status).toBe(204);
    expect(await readdir(media.recordingsDir)).toEqual(['.heldar-store']);
    await until('no media process', async () => (await childrenOf(media.folder)).length === 0);
    expect((await http.inject('/api/v1/cameras/street/frame')).status).toBe(404);
  });

  test('is an answer, masked, when it can not be reached', async () => {
    await create({ name: 'Dead', main_stream_url: 'rtsp://admin:secret@127.0.0.1:1/x' });
    const { status, json } = await call('GET', '/api/v1/cameras/dead/test');
    expect(status).toBe(200);
    expect(json).toMatchObject({ reachable: false, url: 'rtsp://***@127.0.0.1:1/x' });
    expect(JSON.stringify(json)).toContain('refused');
    expect(JSON.stringify(json)).not.toContain('secret');
  });
});
