/** A caller who is limited to cameras sees what is of them, and of all else not even that it is there. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import Database from 'better-sqlite3';
import { startRig, type KernelRig } from './kernel-rig.ts';

const env = {
  HELDAR_AUTH_ENABLED: 'true',
  HELDAR_BOOTSTRAP_ADMIN_USER: 'ada',
  HELDAR_BOOTSTRAP_ADMIN_PASSWORD: 'correct horse',
};

let rig: KernelRig;
let admin: Record<string, string>;
/** A manager, so that what is refused is refused by the limit. */
let limited: Record<string, string>;
let blind: Record<string, string>;

const fields = ({ body }: { body: unknown }) => body as Record<string, string>;
const bearer = (token = '') => ({ authorization: `Bearer ${token}` });

beforeAll(async () => {
  rig = await startRig({ cameras: [], env });
  const login = await rig.call('POST', '/api/v1/auth/login', { username: 'ada', password: 'correct horse' });
  admin = bearer(fields(login)['token']);
  for (const id of ['gate', 'yard'])
    await rig.call(
      'POST',
      '/api/v1/cameras',
      { id, name: id, record_enabled: false, main_stream_url: `rtsp://127.0.0.1:1/${id}` },
      admin,
    );
  const keyFor = async (cameras: readonly string[]) =>
    bearer(
      fields(
        await rig.call(
          'POST',
          '/api/v1/api-keys',
          { name: 'limited', role: 'manager', camera_ids: cameras },
          admin,
        ),
      )['key'],
    );
  limited = await keyFor(['gate']);
  blind = await keyFor([]);
  await plant();
});
afterAll(() => rig[Symbol.asyncDispose]());

/** Of the other camera what is newest, so that a limit of one row would show it alone. */
async function plant(): Promise<void> {
  await rig.stop();
  const db = new Database(`${rig.folder}/heldar.db`);
  const now = rig.clock.now();
  const report = JSON.stringify({
    coverage: { recorded_seconds: 1, ranges: [] },
    holes: [],
    skipped: [],
    starts_early_s: 0,
  });
  for (const [index, camera] of ['gate', 'yard'].entries()) {
    db.prepare(
      `INSERT INTO clips (id, camera_id, from_time, to_time, state, start_mode, segment_count, report, created_by, created_at)
       VALUES (?, ?, 0, 1000, 'ready', 'exact', 1, ?, 'usr_0', ?)`,
    ).run(`clip_${camera}`, camera, report, now + index);
    db.prepare(
      `INSERT INTO playback_sessions (id, camera_id, from_time, to_time, segment_count, report, created_by, created_at, expires_at)
       VALUES (?, ?, 0, 1000, 1, ?, 'usr_0', ?, ?)`,
    ).run(`pbs_${camera}`, camera, report, now, now + 3_600_000 + index);
  }
  db.close();
  await rig.start();
}

const get = (path: string, headers: Record<string, string>) => rig.call('GET', path, undefined, headers);

describe('lists', () => {
  test.each([
    ['/api/v1/cameras', 'id', ['gate'], ['gate', 'yard']],
    ['/api/v1/clips?limit=1', 'id', ['clip_gate'], ['clip_yard']],
    ['/api/v1/playback/sessions?limit=1', 'id', ['pbs_gate'], ['pbs_yard']],
  ] as const)('%s hold what is of the own cameras, however short', async (path, name, own, all) => {
    const ids = async (headers: Record<string, string>) =>
      ((await get(path, headers)).body as Record<string, string>[]).map((row) => row[name]);
    expect(await ids(limited)).toEqual(own);
    expect(await ids(admin)).toEqual(all);
    expect(await ids(blind)).toEqual([]);
  });

  test('and reports count them alone', async () => {
    const total = async (headers: Record<string, string>) =>
      fields(await get('/api/v1/system', headers))['cameras_total'];
    expect([await total(limited), await total(admin), await total(blind)]).toEqual([1, 2, 0]);
  });
});

test.each([
  ['GET', '/api/v1/cameras/:id'],
  ['GET', '/api/v1/cameras/:id/timeline'],
  ['PATCH', '/api/v1/cameras/:id'],
  ['GET', '/media/recordings/:id/20260101_000000.mp4'],
  ['GET', '/media/snapshots/:id/1.jpg'],
])('%s %s of a foreign camera answers as of one that is missing', async (method, path) => {
  const answer = async (id: string) => {
    const body = method === 'PATCH' ? { name: 'mine' } : undefined;
    const { status, body: said } = await rig.call(method, path.replace(':id', id), body, limited);
    return { status, said: JSON.stringify(said).replaceAll(id, '<id>') };
  };
  expect(await answer('yard')).toEqual(await answer('attic'));
  expect((await answer('yard')).status).toBe(404);
});

test.each([
  ['DELETE', '/api/v1/clips/clip_:id'],
  ['POST', '/api/v1/playback/sessions/pbs_:id/prolong'],
  ['DELETE', '/api/v1/playback/sessions/pbs_:id'],
  ['GET', '/media/clips/clip_:id.mp4'],
  ['GET', '/media/playback/pbs_:id/index.m3u8'],
])('%s %s answers as one that is missing', async (method, path) => {
  const answer = async (id: string) => {
    const { status, body } = await rig.call(method, path.replace(':id', id), undefined, limited);
    return { status, said: JSON.stringify(body).replaceAll(id, '<id>') };
  };
  expect(await answer('yard')).toEqual(await answer('attic'));
  expect((await answer('yard')).status).toBe(404);
});

test('what is of no camera is refused, but what depends on none', async () => {
  const status = async (method: string, path: string, body?: object) =>
    (await rig.call(method, path, body, limited)).status;
  expect(await status('GET', '/metrics')).toBe(403);
  expect(await status('GET', '/api/v1/plugins')).toBe(403);
  expect(await status('POST', '/api/v1/cameras', { id: 'own', name: 'own' })).toBe(403);
  expect(await status('GET', '/api/v1/auth/me')).toBe(200);
  expect(await status('GET', '/openapi.json')).toBe(200);
});

test('an account is limited as a key is, to cameras that are there', async () => {
  const create = (cameras: readonly string[]) =>
    rig.call(
      'POST',
      '/api/v1/users',
      { username: `u${cameras.length}`, password: 'long enough', camera_ids: cameras },
      admin,
    );
  expect(await create(['gate', 'attic'])).toMatchObject({ status: 400 });
  expect(await create(['gate'])).toMatchObject({ status: 201, body: { camera_ids: ['gate'] } });
  const login = await rig.call('POST', '/api/v1/auth/login', { username: 'u1', password: 'long enough' });
  const user = bearer(fields(login)['token']);
  expect(((await get('/api/v1/cameras', user)).body as unknown[]).length).toBe(1);
  expect(fields(await get('/api/v1/auth/me', user))['camera_ids']).toEqual(['gate']);
});
