import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { testConnectivity } from '../src/cameras/connectivity.ts';
import { systemClock, type Clock } from '../src/clock.ts';
import { findMediaTools } from '../src/media/tools.ts';
import { createSimulatedCamera, type SimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { noSecrets, readCamera } from '../src/store/camera-queries.ts';
import { startGuardedCamera, type Guard } from './guarded-camera.ts';
import { startHost, street } from './media-site.ts';
import { openMediaStore, type MediaStore } from './media-store.ts';

let media: MediaStore;
let camera: SimulatedCamera;
beforeAll(async () => {
  media = await openMediaStore();
  await media.createCamera({ name: 'Gate' });
  camera = createSimulatedCamera({ file: street });
  await camera.start();
});
afterAll(async () => {
  await camera.stop();
  await media[Symbol.asyncDispose]();
});

async function tested(url: string, clock: Clock = systemClock) {
  const row = readCamera(media.store.read, 'gate');
  if (row === undefined) throw new Error('no camera');
  const options = { tools: await findMediaTools(), clock, marker: media.folder, signal: AbortSignal.any([]) };
  return await testConnectivity(options, row, { ...noSecrets, mainStreamUrl: url });
}

const password = 'planted p@ss';
async function guarded(credentials: string, guard: Partial<Guard>) {
  await using gate = await startGuardedCamera(camera.url, {
    user: 'admin',
    password,
    scheme: 'Digest',
    ...guard,
  });
  const result = await tested(gate.url.replace('rtsp://', `rtsp://${credentials}`));
  expect(JSON.stringify(result)).not.toMatch(/planted|mistaken/);
  return result;
}
const right = `admin:${encodeURIComponent(password)}@`;
const wrong = 'admin:mistaken@';

describe.concurrent('a camera that asks for credentials', () => {
  test.each(['Digest', 'Basic'] as const)('is reached with the right ones (%s)', async (scheme) => {
    expect(await guarded(right, { scheme })).toMatchObject({ reachable: true, codec: 'h264', width: 640 });
  });

  test.each([
    [
      'none',
      '',
      { scheme: 'Digest' },
      'credentials_missing',
      'asks for a user name and password (Digest MD5)',
    ],
    ['wrong ones', wrong, { scheme: 'Digest', algorithm: 'MD5' }, 'credentials_refused', '(Digest MD5)'],
    ['wrong ones', wrong, { scheme: 'Basic' }, 'credentials_refused', '(Basic)'],
    ['another way', right, { algorithm: 'SHA-256' }, 'auth_unsupported', '(Digest SHA-256)'],
  ] as const)('says what is wrong with %s', async (_, credentials, guard, reason, text) => {
    const result = await guarded(credentials, guard);
    expect(result).toMatchObject({ reachable: false, reason, error: expect.stringContaining(text) });
  });
});

describe.concurrent('a camera that is not reached', () => {
  test('has no stream of that path', async () => {
    const url = new URL(camera.url);
    url.pathname = '/other';
    expect(await tested(url.href)).toMatchObject({ reachable: false, reason: 'no_such_stream' });
  });

  test('refuses the connection', async () => {
    expect(await tested('rtsp://127.0.0.1:1/live')).toMatchObject({
      reachable: false,
      reason: 'unreachable',
    });
  });

  test('says nothing at all, which is waited for no longer than told', async () => {
    await using host = await startHost();
    const fast: Clock = { ...systemClock, after: (ms, run) => systemClock.after(ms / 20, run) };
    expect(await tested(`rtsp://127.0.0.1:${host.port}/live`, fast)).toEqual({
      reachable: false,
      reason: 'timeout',
      error: 'no answer within 12 s',
      url: `rtsp://127.0.0.1:${host.port}/live`,
    });
  });
});
