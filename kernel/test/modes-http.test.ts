import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { until } from './until.ts';

/** Nothing listens there. */
const nowhere = 'rtsp://127.0.0.1:1/x';

const zones = join(import.meta.dirname, '../../plugins/zones');

let rig: KernelRig;
beforeAll(async () => {
  rig = await startRig({ config: { plugins: [zones] } });
});
afterAll(() => rig[Symbol.asyncDispose]());

type Body = Record<string, unknown>;
async function call(method: string, path: string, body?: unknown) {
  const answer = await rig.call(method, path, body);
  return { status: answer.status, body: answer.body as Body };
}
const post = (body: unknown, camera = 'gate') => call('POST', `/api/v1/cameras/${camera}/schedules`, body);
const nights = { days: [4, 0, 4], time_start: '22:00', time_end: '6:5' };

async function modeCamera(id: string, body: object): Promise<void> {
  const made = await call('POST', '/api/v1/cameras', { name: id, main_stream_url: nowhere, ...body });
  expect(made.status).toBe(201);
}

describe('recording windows over HTTP', () => {
  test('are made, listed oldest first, changed and removed', async () => {
    const made = await post(nights);
    expect(made).toMatchObject({
      status: 201,
      body: { camera_id: 'gate', days: [0, 4], time_start: '22:00', time_end: '06:05', enabled: true },
    });
    expect(made.body['id']).toMatch(/^recsch_[0-9a-f]{32}$/);
    await rig.clock.advance(1);
    const day = await post({ days: [5, 6], time_start: '00:00', time_end: '24:00', enabled: false });
    expect(day.body).toMatchObject({ time_end: '24:00', enabled: false });
    const listed = await call('GET', '/api/v1/cameras/gate/schedules');
    expect(listed.body).toEqual([made.body, day.body]);

    await rig.clock.advance(1);
    const path = `/api/v1/schedules/${String(made.body['id'])}`;
    const changed = await call('PATCH', path, { days: null, time_end: '7:00', enabled: false });
    expect(changed).toMatchObject({
      status: 200,
      body: { days: [0, 4], time_start: '22:00', time_end: '07:00', enabled: false },
    });
    expect(changed.body['updated_at']).not.toBe(made.body['updated_at']);
    expect(await call('DELETE', path)).toMatchObject({ status: 204 });
    expect(await call('DELETE', path)).toMatchObject({ status: 404 });
    expect(await call('PATCH', path, {})).toMatchObject({ status: 404 });
  });

  test.each([
    [{ ...nights, days: [] }, 400, /at least one day/],
    [{ ...nights, days: [7] }, 400, /0 \(Monday\) to 6/],
    [{ ...nights, days: [-1] }, 400, /0 \(Monday\) to 6/],
    [{ ...nights, days: 'mon' }, 422, /days/],
    [{ ...nights, days: ['0'] }, 422, /days/],
    [{ ...nights, time_start: '24:00' }, 400, /time_start/],
    [{ ...nights, time_end: '24:01' }, 400, /time_end/],
    [{ ...nights, time_end: '12:00:00' }, 400, /time_end/],
    [{ ...nights, time_end: '22:0' }, 400, /equals time_start.*24:00/],
    [{ days: [0], time_start: '00:00' }, 422, /time_end/],
  ])('that could never be open, or are none, are refused: %j', async (body, status, text) => {
    const answer = await post(body);
    expect(answer).toMatchObject({ status, body: { error: expect.stringMatching(text) } });
  });

  test('stay such as can be open when they are changed', async () => {
    const { body } = await post(nights);
    const answer = await call('PATCH', `/api/v1/schedules/${String(body['id'])}`, { time_start: '06:05' });
    expect(answer).toMatchObject({ status: 400, body: { error: expect.stringContaining('time_end') } });
  });

  test('of cameras that are not there are not there', async () => {
    expect(await post(nights, 'nobody')).toMatchObject({ status: 404 });
    expect(await call('GET', '/api/v1/cameras/nobody/schedules')).toMatchObject({ status: 404 });
    await modeCamera('brief', { record_mode: 'event' });
    const { body } = await post(nights, 'brief');
    expect(await call('DELETE', '/api/v1/cameras/brief')).toMatchObject({ status: 204 });
    const gone = await call('PATCH', `/api/v1/schedules/${String(body['id'])}`, {});
    const never = await call('PATCH', '/api/v1/schedules/recsch_x', {});
    expect([gone.status, never.status]).toEqual([404, 404]);
  });
});

describe('a trigger by hand', () => {
  const trigger = (camera: string, body?: unknown) =>
    call('POST', `/api/v1/cameras/${camera}/record-trigger`, body);

  test('opens a window that later triggers never shorten, and that a change of the camera keeps', async () => {
    await modeCamera('door', { record_mode: 'event', pre_roll_seconds: 5, post_roll_seconds: 600 });
    const first = await trigger('door');
    expect(first).toMatchObject({
      status: 200,
      body: { camera_id: 'door', triggered: true, pre_roll_seconds: 5, post_roll_seconds: 600 },
    });
    expect(Date.parse(String(first.body['window_end']))).toBe(rig.clock.now() + 600_000);
    await call('PATCH', '/api/v1/cameras/door', { post_roll_seconds: 1, name: 'Front door' });
    const second = await trigger('door', { any: 'thing' });
    expect(second.body['window_end']).toBe(first.body['window_end']);
    const spans = () =>
      rig.sql<{ end_time: number | null }>(
        `SELECT end_time FROM recording_intents i JOIN cameras c USING (incarnation) WHERE c.id = 'door'`,
      );
    await until('an intent', () => spans().length === 1);
    expect(spans()).toEqual([{ end_time: null }]);
    await call('PATCH', '/api/v1/cameras/door', { record_enabled: false });
    await until('its end', () => spans()[0]?.end_time !== null);
  });

  test.each([
    ['continuous', { record_mode: 'continuous' }, /record_mode is 'continuous'/],
    ['scheduled', { record_mode: 'scheduled' }, /record_mode is 'scheduled'/],
    ['off', { record_mode: 'event', record_enabled: false }, /recording is disabled/],
    ['disabled', { record_mode: 'event', enabled: false }, /camera is disabled/],
  ])('is refused with the reason where it does nothing: %s', async (id, body, text) => {
    await modeCamera(id, body);
    expect(await trigger(id)).toMatchObject({ status: 400, body: { error: expect.stringMatching(text) } });
    await call('DELETE', `/api/v1/cameras/${id}`);
  });

  test('of a camera that is not there is not found', async () => {
    expect(await trigger('nobody')).toMatchObject({ status: 404 });
  });
});

describe('an event of a zone', () => {
  const windows = (id: string) =>
    rig.sql<{ fired_at: number; until: number }>(
      'SELECT fired_at, until FROM record_triggers WHERE camera_id = ?',
      id,
    );
  const square = [
    [0, 0],
    [1, 0],
    [1, 1],
    [0, 1],
  ];
  async function someoneIn(camera: string): Promise<void> {
    const person = { label: 'person', confidence: 0.9, bbox: [0.4, 0.2, 0.2, 0.3], track_id: '1' };
    const batch = { camera_id: camera, task_type: 'anything', detections: [person] };
    // A zone believes it the second time.
    for (let frames = 0; frames < 2; frames += 1)
      expect(await call('POST', '/api/v1/ai/events', batch)).toMatchObject({ status: 200 });
    await rig.kernel.quiet();
  }

  test('has the camera recorded that it is about, when that camera waits for triggers', async () => {
    const modes = { porch: 'event', hall: 'scheduled_event', shed: 'continuous' };
    for (const [id, mode] of Object.entries(modes)) {
      await modeCamera(id, { record_mode: mode, post_roll_seconds: 60 });
      const zone = await call('POST', `/api/v1/cameras/${id}/zones`, { name: 'All', polygon: square });
      expect(zone.status).toBe(201);
      await someoneIn(id);
    }
    const now = rig.clock.now();
    await until('two windows', () => windows('porch').length === 1 && windows('hall').length === 1);
    expect(windows('porch')).toEqual([{ fired_at: now, until: now + 60_000 }]);
    expect(windows('shed')).toEqual([]);
    const events = await call('GET', '/api/v1/events?event_type=zone_enter&camera_id=porch');
    expect(events.body).toHaveLength(1);
  });

  test('that was committed just before a crash is a trigger after it', async () => {
    const [before] = windows('porch');
    await rig.stop();
    const db = new Database(join(rig.folder, 'heldar.db'));
    db.exec(`DELETE FROM record_triggers WHERE camera_id = 'porch'`);
    db.close();
    await rig.clock.advance(20_000);
    await rig.start();
    await until('the window', () => windows('porch').length === 1);
    expect(windows('porch')).toEqual([before]);

    await rig.stop();
    const again = new Database(join(rig.folder, 'heldar.db'));
    again.exec(`DELETE FROM record_triggers WHERE camera_id = 'porch'`);
    again.close();
    await rig.clock.advance(60_000);
    await rig.start();
    expect(windows('porch')).toEqual([]);
  });
});

test('cameras that wait on purpose do not keep a site from being ready, those that should be recorded do', async () => {
  await using site = await startRig({ cameras: [], config: { api: { minRecordingPercent: 100 } } });
  const ready = async () => (await site.call('GET', '/readyz')).body;
  const create = (id: string, body: object) =>
    site.call('POST', '/api/v1/cameras', { name: id, main_stream_url: nowhere, ...body });
  await create('armed', { record_mode: 'event' });
  await create('resting', { record_mode: 'scheduled' });
  await create('off', { record_enabled: false });
  const states = async () => {
    const { body } = await site.call('GET', '/api/v1/health/cameras');
    return (body as Body[]).map(({ state_detail }) => state_detail);
  };
  await until('the pauses', async () =>
    (await states()).includes('outside its windows: none is enabled; add a schedule'),
  );
  expect(await ready()).toEqual({ ready: true });
  await site.call('POST', '/api/v1/cameras/armed/record-trigger');
  await until('a camera that should be recorded', async () => 'reason' in ((await ready()) as Body));
  expect(await ready()).toMatchObject({ ready: false, reason: 'insufficient_recorders', recording_pct: 0 });
});

test.each([
  { recordingsDir: '/tmp/heldar-none/recordings', ringDir: '/tmp/heldar-none/recordings/ring' },
  { recorder: { roots: ['nas=/tmp/heldar-none/nas'] }, ringDir: '/tmp/heldar-none/nas' },
])('a ring among the recordings is refused: %j', async (config) => {
  await expect(startRig({ cameras: [], config })).rejects.toThrow(/HELDAR_RING_DIR.*outside/);
});
