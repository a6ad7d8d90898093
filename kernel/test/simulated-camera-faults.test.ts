/** Does the simulated camera misbehave as it is told to? */
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createSimulatedCamera, type SimulatedCameraOptions } from '../src/simulate/simulated-camera.ts';
import { footage, street } from './footage.ts';
import { RtspClient } from './rtsp-client.ts';
import { startSimulated } from './simulated-process.ts';
import { until } from './until.ts';

async function running(options: Partial<SimulatedCameraOptions> = {}) {
  const camera = createSimulatedCamera({ file: street, log: pino({ level: 'silent' }), ...options });
  await camera.start();
  onTestFinished(() => camera.stop());
  return camera;
}

async function clientOf(url: string): Promise<RtspClient> {
  const client = await RtspClient.connect(url);
  onTestFinished(() => client.close());
  return client;
}

/** Sets up each track on channels 0, 2, … and plays. */
async function playing(url: string, tracks = 1): Promise<RtspClient> {
  const client = await clientOf(url);
  let session = '';
  for (let track = 1; track <= tracks; track += 1) {
    const channels = `${2 * track - 2}-${2 * track - 1}`;
    const { status, headers } = await client.request('SETUP', `${url}/trackID=${track}`, {
      Transport: `RTP/AVP/TCP;unicast;interleaved=${channels}`,
      ...(session === '' ? {} : { Session: session }),
    });
    expect(status).toBe(200);
    session = headers.get('session')?.split(';')[0] ?? '';
  }
  expect((await client.request('PLAY', url, { Session: session })).status).toBe(200);
  await client.until(() => client.rtp().length > 0, 'packets');
  return client;
}

/** Resolves when a camera that behaves has sent five pictures. */
async function someFrames(): Promise<void> {
  const client = await playing((await running()).url);
  await client.until(() => client.rtp().filter(({ marker }) => marker).length >= 5, 'five pictures');
}

test('frozen, it sends nothing and answers; recovered, it goes on with a key frame', async () => {
  const camera = await running();
  const client = await playing(camera.url);
  await camera.misbehave({ kind: 'freeze' });
  const before = client.packets.length;
  expect((await client.request('OPTIONS', camera.url)).status).toBe(200);
  await someFrames();
  expect(client.packets.length).toBeLessThanOrEqual(before + 1);
  const last = client.rtp().length;
  await camera.misbehave({ kind: 'recover' });
  await client.until(() => client.rtp().length > last, 'packets again');
  // Its parameter sets come first.
  expect((client.rtp()[last]?.payload[0] ?? 0) & 0x1f).toBe(7);
});

test('dropped and refusing, it is not there; recovered, it is, at the same address', async () => {
  const camera = await running();
  const client = await playing(camera.url);
  await camera.misbehave({ kind: 'off' });
  await until('the end of the connection', () => client.socket.destroyed || client.socket.readableEnded);
  await expect(RtspClient.connect(camera.url)).rejects.toThrow('ECONNREFUSED');
  await camera.misbehave({ kind: 'recover' });
  await playing(camera.url);
});

test('hanging, it accepts and does not answer; in error, it answers with that', async () => {
  const camera = await running();
  await camera.misbehave({ kind: 'hang' });
  const client = await clientOf(camera.url);
  client.send(`OPTIONS ${camera.url} RTSP/1.0\nCSeq: 1\n\n`);
  await someFrames();
  expect(client.answers).toEqual([]);
  await camera.misbehave({ kind: 'recover' });
  await camera.misbehave({ kind: 'error', status: 503 });
  expect((await client.request('OPTIONS', camera.url)).status).toBe(503);
});

test('its time stamps jump where it is told to', async () => {
  const camera = await running();
  const client = await playing(camera.url);
  const [first] = client.rtp();
  await camera.misbehave({ kind: 'jump', seconds: 3600 });
  const aheadSeconds = () =>
    (((client.rtp().at(-1)?.timestamp ?? 0) - (first?.timestamp ?? 0) + 2 ** 32) % 2 ** 32) / 90_000;
  await expect.poll(aheadSeconds).toBeGreaterThan(3600);
  expect(aheadSeconds()).toBeLessThan(3630);
});

test('another file of the same codec reaches who plays; one of another codec ends the connection', async () => {
  const camera = await running();
  const client = await playing(camera.url);
  const spsOf = () => client.rtp().filter(({ payload }) => ((payload[0] ?? 0) & 0x1f) === 7);
  await client.until(() => spsOf().length > 0, 'parameter sets');
  const first = spsOf()[0]?.payload.toString('hex');
  await camera.misbehave({ kind: 'file', path: await footage('small') });
  await client.until(() => spsOf().at(-1)?.payload.toString('hex') !== first, 'other parameter sets');
  await camera.misbehave({ kind: 'file', path: await footage('h265') });
  await until('the end of the connection', () => client.socket.destroyed || client.socket.readableEnded);
  const { body } = await (await clientOf(camera.url)).request('DESCRIBE', camera.url);
  expect(body).toContain('H265/90000');
});

test.for(['g711', 'aac'] as const)('it has sound in %s, until it is mute', async (audio) => {
  const camera = await running({ audio });
  const description = await (await clientOf(camera.url)).request('DESCRIBE', camera.url);
  expect(description.body).toContain(audio === 'g711' ? 'PCMU/8000/1' : 'MPEG4-GENERIC/16000/1');
  const client = await playing(camera.url, 2);
  await client.until(() => client.rtp(2).length > 5, 'sound');
  const [first, second] = client.rtp(2);
  expect((second?.timestamp ?? 0) - (first?.timestamp ?? 0)).toBe(audio === 'g711' ? 160 : 1024);
  await camera.misbehave({ kind: 'mute' });
  const [sounds, pictures] = [client.rtp(2).length, client.rtp(0).length];
  await client.until(() => client.rtp(0).length > pictures + 20, 'pictures');
  expect(client.rtp(2).length).toBeLessThanOrEqual(sounds + 1);
});

test('a login is asked for, in every way the camera knows', async () => {
  const camera = await running({
    login: { user: 'viewer', password: 'secret', schemes: ['digest-sha256', 'basic'] },
  });
  const client = await clientOf(camera.url);
  expect((await client.request('OPTIONS', camera.url)).status).toBe(200);
  const refused = await client.request('DESCRIBE', camera.url);
  expect(refused.status).toBe(401);
  // The client keeps the last of the lines.
  expect(refused.headers.get('www-authenticate')).toMatch(/^Basic realm=/);
  const Authorization = `Basic ${Buffer.from('viewer:secret').toString('base64')}`;
  expect((await client.request('DESCRIBE', camera.url, { Authorization })).status).toBe(200);
});

test('heldar simulate takes faults over its standard input, and says what is none', async () => {
  await using camera = await startSimulated();
  const client = await playing(camera.url);
  await camera.order('drop');
  await until('the end of the connection', () => client.socket.destroyed || client.socket.readableEnded);
  await expect(camera.order('explode')).rejects.toThrow("'explode' is no fault of a camera");
  expect(camera.notes.map(({ msg }) => msg)).toContain('first frame sent');
});
