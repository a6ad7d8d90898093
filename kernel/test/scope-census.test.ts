/** Every route that is mounted, asked by a caller who is limited to one camera: of the other it gets not even that it is there. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { census, elsewhere } from './census/table.ts';
import { cameraOf, fill, neutral, plant, tellsOfForeign, type Whose } from './census/planted.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { bearer, signInEnv, tokenOf } from './signed-in.ts';

const env = { ...signInEnv, HELDAR_RECORDER_ENABLED: 'false' };

/** About no camera, and yet for everybody who is known, for nothing in it depends on cameras. */
const forEverybody = [
  'GET /api/v1/auth/me',
  'GET /api/v1/auth/sessions',
  'DELETE /api/v1/auth/sessions/:id',
  'POST /api/v1/auth/url-tokens',
  'GET /openapi.json',
  'GET /docs',
  'GET /docs/:file',
];

/** What an own camera answers that neither records nor can be reached, and has no stills. */
const ownAnswers: Readonly<Record<string, number>> = {
  'GET /api/v1/cameras/:id/frame': 404,
  'GET /api/v1/cameras/:id/clip.mp4': 404,
  'POST /api/v1/cameras/:id/clip': 404,
  'POST /api/v1/cameras/:id/playback/sessions': 404,
  // The footage that is planted is no video.
  'GET /media/playback/:session_id/:file': 404,
};

let rig: KernelRig;
/** An administrator's, so that what is refused is refused by the limit. */
let key: string;

interface Asked {
  readonly status: number;
  readonly text: string;
}

const headers = () => bearer(key);

beforeAll(async () => {
  rig = await startRig({
    cameras: [],
    env,
    config: { plugins: [import.meta.resolve('@heldar/plugin-zones')] },
  });
  const admin = bearer(await tokenOf(rig));
  for (const id of [cameraOf.own, cameraOf.foreign])
    await rig.call(
      'POST',
      '/api/v1/cameras',
      { id, name: id, record_mode: 'event', main_stream_url: `rtsp://127.0.0.1:1/${id}` },
      admin,
    );
  const made = await rig.call(
    'POST',
    '/api/v1/api-keys',
    { name: 'limited', role: 'admin', camera_ids: [cameraOf.own] },
    admin,
  );
  key = (made.body as { key: string }).key;
  await rig.stop();
  plant(rig.folder, rig.clock.now());
  await rig.start();
});
afterAll(() => rig[Symbol.asyncDispose]());

async function ask(name: string, whose: Whose): Promise<Asked> {
  const [method = '', path = ''] = name.split(' ');
  const row = census[name];
  const body = row?.body?.('x');
  const own = body !== undefined && 'camera_id' in body ? { ...body, camera_id: cameraOf[whose] } : body;
  const response = await rig.kernel.inject(`${fill(path, whose)}${row?.query ?? ''}`, {
    method,
    headers: headers(),
    ...(own === undefined ? {} : { body: own }),
  });
  return { status: response.status, text: await response.text() };
}

/** The cursors of an event stream go on: it is read for what is there. */
const endless = 'GET /api/v1/events/stream';
const routes = () =>
  rig.kernel.routes().map((route) => ({ ...route, name: `${route.method} ${route.path}` }));
const namesOne = ({ path, scope }: { path: string; scope: object }) =>
  path.includes(':') || 'camera' in scope;

test('what is of no camera is refused to who is limited to some', async () => {
  const wrong: string[] = [];
  for (const { name, scope, capability } of routes())
    if ('none' in scope && capability !== 'public' && !Object.hasOwn(elsewhere, name)) {
      const { status } = await ask(name, 'missing');
      if ((status === 403) === forEverybody.includes(name)) wrong.push(`${name}: ${status}`);
    }
  // A key has no account.
  expect(wrong.filter((line) => !/auth\/sessions.*403/.test(line))).toEqual([]);
});

test('of another camera every route answers as of one that is missing', { timeout: 60_000 }, async () => {
  const leaks: string[] = [];
  for (const { name, path, scope } of routes()) {
    if ('none' in scope || !namesOne({ path, scope })) continue;
    const [foreign, missing] = [await ask(name, 'foreign'), await ask(name, 'missing')];
    const isAlike =
      foreign.status === missing.status &&
      neutral(foreign.text, 'foreign') === neutral(missing.text, 'missing');
    if (!isAlike || (foreign.status !== 404 && foreign.text !== '[]'))
      leaks.push(
        `${name}: ${foreign.status} ${foreign.text.slice(0, 100)} / ${missing.status} ${missing.text.slice(0, 100)}`,
      );
  }
  expect(leaks).toEqual([]);
});

test('lists and reports tell nothing of another camera, and what is of the own', async () => {
  const wrong: string[] = [];
  for (const { name, path, method, scope } of routes()) {
    if ('none' in scope || namesOne({ path, scope }) || method !== 'GET' || name === endless) continue;
    const { status, text } = await ask(name, 'own');
    if (status !== 200 || tellsOfForeign(text)) wrong.push(`${name}: ${status} ${text.slice(0, 200)}`);
  }
  expect(wrong).toEqual([]);
});

test('an event stream sends what is of the own camera alone', async () => {
  const response = await fetch(`${rig.origin}/api/v1/events/stream?last_event_id=0`, { headers: headers() });
  let text = '';
  const decoder = new TextDecoder();
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk as Uint8Array, { stream: true });
    if (text.includes('census')) break;
  }
  expect(text).toContain(cameraOf.own);
  expect(tellsOfForeign(text)).toBe(false);
});

test('of the own camera nothing is withheld', { timeout: 60_000 }, async () => {
  const denied: string[] = [];
  // Deleting comes last, the camera itself at the very end.
  const order = (name: string) =>
    name.startsWith('DELETE /api/v1/cameras') ? 2 : name.startsWith('DELETE') ? 1 : 0;
  for (const { name, scope } of routes().toSorted((a, b) => order(a.name) - order(b.name))) {
    if ('none' in scope || name === endless) continue;
    const { status, text } = await ask(name, 'own');
    const isWithheld = [401, 403, 404].includes(status) && ownAnswers[name] !== status;
    if (isWithheld || status >= 505) denied.push(`${name}: ${status} ${text.slice(0, 200)}`);
  }
  expect(denied).toEqual([]);
});
