/** A URL with a token opens one file for minutes, for who may see it, and as long as the credential it was made with is good. */
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { cameraOf, fill, plant } from './census/planted.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { bearer, signInEnv, tokenOf } from './signed-in.ts';

const env = { ...signInEnv, HELDAR_RECORDER_ENABLED: 'false' };
const own = fill('/media/clips/:file', 'own');
const foreign = fill('/media/clips/:file', 'foreign');

let rig: KernelRig;
let admin: Record<string, string>;
/** Of who may see one camera. */
let limited: { id: string; key: string };

beforeAll(async () => {
  rig = await startRig({
    cameras: [],
    env,
    config: { plugins: [import.meta.resolve('@heldar/plugin-zones')] },
  });
  admin = await signIn();
  for (const id of [cameraOf.own, cameraOf.foreign]) await call('POST', '/api/v1/cameras', { id, name: id });
  await rig.stop();
  plant(rig.folder, rig.clock.now());
  await rig.start();
});
beforeEach(async () => {
  admin = await signIn();
  limited = (await call('POST', '/api/v1/api-keys', {
    name: 'limited',
    role: 'viewer',
    camera_ids: [cameraOf.own],
  })) as typeof limited;
});
afterAll(() => rig[Symbol.asyncDispose]());

const signIn = async () => bearer(await tokenOf(rig));

const call = async (method: string, path: string, body?: object, headers = admin) =>
  (await rig.call(method, path, body, headers)).body as Record<string, string>;
const mint = async (url: string, fields: object = {}, headers = admin) =>
  (await call('POST', '/api/v1/auth/url-tokens', { url, ...fields }, headers)) as unknown as {
    url: string;
    token: string;
  };
const open = async (url: string, headers: Record<string, string> = {}) => {
  const response = await rig.kernel.inject(url, { headers });
  await response.arrayBuffer();
  return response.status;
};

test('it opens its own file without a header, and nothing else', async () => {
  const { url, token } = await mint(own);
  expect(url).toBe(`${own}?token=${token}`);
  expect(await open(own)).toBe(401);
  expect(await open(url)).toBe(200);
  for (const other of [
    foreign,
    fill('/media/recordings/:camera_id/:file', 'own'),
    '/api/v1/cameras',
    '/api/v1/auth/me',
  ])
    expect([other, await open(`${other}?token=${token}`)]).toEqual([other, 401]);
  expect((await rig.call('DELETE', `/api/v1/clips/clip_${'a'.repeat(32)}?token=${token}`)).status).toBe(401);
});

test('one that was changed, cut off or made up opens nothing', async () => {
  const { token } = await mint(own);
  const forged = [
    '',
    'x',
    'vou_',
    token.slice(0, -1),
    token.slice(0, 30),
    `${token}A`,
    `${token.slice(0, -5)}${token.slice(-5) === 'AAAAA' ? 'BBBBB' : 'AAAAA'}`,
    token.toUpperCase(),
    `vou_00000000.${token.split('.')[1]}`,
  ];
  for (const text of forged)
    expect([text, await open(`${own}?token=${encodeURIComponent(text)}`)]).toEqual([text, 401]);
});

test('it is bound to the query too, in any order', async () => {
  const path = `/api/v1/cameras/${cameraOf.own}/clip.mp4`;
  const { token } = await mint(`${path}?from=2026-01-01T00:00:00Z&to=2026-01-01T00:01:00Z`);
  const asked = (query: string) => open(`${path}?${query}&token=${token}`);
  // There is no video there; what matters is that the caller is known.
  expect(await asked('to=2026-01-01T00:01:00Z&from=2026-01-01T00:00:00Z')).toBe(404);
  expect(await asked('from=2026-01-01T00:00:00Z&to=2026-01-01T00:59:00Z')).toBe(401);
});

test('it opens for its maker what its maker may see, and a header counts before it', async () => {
  const viewer = bearer(limited.key);
  expect(await open((await mint(own, {}, viewer)).url)).toBe(200);
  expect(await open((await mint(foreign, {}, viewer)).url)).toBe(404);
  const { url } = await mint(foreign);
  expect(await open(url)).toBe(200);
  expect(await open(url, viewer)).toBe(404);
  expect(await open(url, { authorization: 'Bearer vos_none' })).toBe(401);
});

test('it is over after its time, and with the credential it was made with', async () => {
  const { url } = await mint(own, { ttl_seconds: 10 });
  await rig.clock.advance(9_000);
  expect(await open(url)).toBe(200);
  await rig.clock.advance(1_000);
  expect(await open(url)).toBe(401);
  const viewer = bearer(limited.key);
  const ofKey = await mint(own, {}, viewer);
  expect(await open(ofKey.url)).toBe(200);
  await call('DELETE', `/api/v1/api-keys/${limited.id}`);
  expect(await open(ofKey.url)).toBe(401);
  const ofSession = await mint(own);
  await call('POST', '/api/v1/auth/logout');
  expect(await open(ofSession.url)).toBe(401);
});

test('it is made only for footage', async () => {
  for (const url of [
    '/api/v1/users',
    '/media/../api/v1/users',
    '/media/%2e%2e/x',
    'http://x/media/a',
    '/media/a b',
    '',
  ]) {
    const { status } = await rig.call('POST', '/api/v1/auth/url-tokens', { url }, admin);
    expect([url, status]).toEqual([url, 400]);
  }
  const long = { url: own, ttl_seconds: 3601 };
  expect((await rig.call('POST', '/api/v1/auth/url-tokens', long, admin)).status).toBe(400);
});
