/** One picture, of then or of now: the right one, or a reason why there is none. */
import { createHash } from 'node:crypto';
import { readFile, truncate } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { join } from 'node:path';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createSimulatedCamera } from '../src/simulate/simulated-camera.ts';
import { midnight, recordFootage, type Footage } from './footage-rig.ts';
import { bytesOf, startFootageSite } from './footage-site.ts';
import type { KernelRig } from './kernel-rig.ts';
import { childrenOf } from './media-rig.ts';

let rig: KernelRig;
let street: Footage;
let silent: Server;
const streetMovie = join(import.meta.dirname, '../../examples/media/street.mp4');
const camera = createSimulatedCamera({ file: streetMovie });

beforeAll(async () => {
  // Takes a connection and says nothing.
  silent = createServer(() => {}).listen(0, '127.0.0.1');
  await camera.start();
  rig = await startFootageSite(['Street', 'Door'], async (media) => {
    street = await recordFootage(media, 'street', { seconds: 8, sound: false });
    await recordFootage(media, 'door', { seconds: 4 });
  });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await camera.stop();
  silent.close();
});

const at = (ms: number) => new Date(midnight + ms).toISOString();
const still = (id: string, more = '') => bytesOf(rig, `/api/v1/cameras/${id}/snapshot${more}`);

/** Of the children of this kernel. */
const marker = () => createHash('sha256').update(rig.folder).digest('hex').slice(0, 16);
const turn = () => new Promise((resolve) => setImmediate(resolve));

async function sizeOf(jpeg: Buffer): Promise<string> {
  const entries = [
    '-v',
    'error',
    '-f',
    'mjpeg',
    '-i',
    'pipe:0',
    '-show_entries',
    'stream=codec_name,width,height',
  ];
  return (await execa('ffprobe', [...entries, '-of', 'csv=p=0'], { input: jpeg })).stdout;
}

test('a recorded moment gives the picture that was on show then', async () => {
  const answer = await still('street', `?at=${at(5130)}`);
  expect(answer.status).toBe(200);
  expect(answer.headers.get('content-type')).toBe('image/jpeg');
  expect(answer.headers.get('cache-control')).toBe('no-store');
  expect(
    Math.abs(Date.parse(answer.headers.get('x-frame-captured-at') ?? '') - (midnight + 5120)),
  ).toBeLessThan(30);
  expect(await sizeOf(answer.bytes)).toBe('mjpeg,320,240');
  const same = await still('street', `?at=${at(5150)}`);
  expect(same.bytes.equals(answer.bytes)).toBe(true);
  const next = await still('street', `?at=${at(5210)}`);
  expect(next.bytes.equals(answer.bytes)).toBe(false);
  expect(rig.sql('SELECT 1 FROM leases')).toEqual([]);
});

test('the very end of a segment gives its last picture', async () => {
  const end = street.end - midnight;
  const answer = await still('street', `?at=${at(end)}`);
  expect(answer.status).toBe(200);
  const last = await still('street', `?at=${at(end - 30)}`);
  expect(last.bytes.equals(answer.bytes)).toBe(true);
});

test('a moment that was not recorded, and a camera that nobody knows, are not found', async () => {
  expect((await still('street', `?at=${at(-1)}`)).status).toBe(404);
  expect((await still('nobody', `?at=${at(0)}`)).status).toBe(404);
  expect((await still('nobody')).status).toBe(404);
  for (const wrong of ['?at=', '?at=yesterday']) expect((await still('street', wrong)).status).toBe(400);
});

test('a recording without a readable picture is a bad gateway, not a fault of the kernel', async () => {
  const [path] = rig.sql<{ path: string }>(`SELECT path FROM segments WHERE camera_id = 'door'`);
  await truncate(join(rig.folder, 'recordings', path?.path ?? ''), 900);
  const answer = await still('door', `?at=${at(1000)}`);
  expect(answer.status).toBe(502);
  expect(answer.bytes.toString()).not.toContain(rig.folder);
});

test('without a moment the camera itself is asked, its password in no argument', async () => {
  expect((await still('street')).status).toBe(400);
  await rig.call('PATCH', '/api/v1/cameras/street', {
    main_stream_url: camera.url.replace('://', '://viewer:hushhush@'),
  });
  const asked = still('street');
  const seen: string[] = [];
  const over = asked.then(() => true);
  const look = async () => {
    for (const pid of await childrenOf(marker()))
      seen.push(await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => ''));
    return seen.some((line) => line.includes('image2pipe'));
  };
  while (!(await look()) && !(await Promise.race([over, Promise.resolve(false)]))) await turn();
  const answer = await asked;
  expect(answer.status).toBe(200);
  expect(await sizeOf(answer.bytes)).toBe('mjpeg,640,480');
  expect(seen.join('\n')).not.toMatch(/hushhush|viewer/);
});

test('a camera that refuses is a bad gateway, one that says nothing a timeout', async () => {
  await rig.call('PATCH', '/api/v1/cameras/door', { main_stream_url: 'rtsp://viewer:secret@127.0.0.1:1/x' });
  const refused = await still('door');
  expect(refused.status).toBe(502);
  expect(refused.bytes.toString()).not.toContain('secret');
  const { port } = silent.address() as { port: number };
  await rig.call('PATCH', '/api/v1/cameras/door', { main_stream_url: `rtsp://127.0.0.1:${port}/x` });
  const waiting = still('door');
  await expect.poll(async () => (await childrenOf(marker())).length).toBe(1);
  await rig.clock.advance(20_000);
  expect((await waiting).status).toBe(504);
  expect(await childrenOf(marker())).toEqual([]);
});

test('a frame that was sampled just now is what the camera sees now', async () => {
  await rig.call('PATCH', '/api/v1/cameras/street', { main_stream_url: camera.url });
  await rig.call('POST', '/api/v1/cameras/street/ai-tasks', { task_type: 'people', fps: 1, width: 320 });
  const frame = () => bytesOf(rig, '/api/v1/cameras/street/frame');
  await expect.poll(async () => (await frame()).status, { timeout: 30_000 }).toBe(200);
  expect(await sizeOf((await still('street')).bytes)).toBe('mjpeg,320,240');
});
