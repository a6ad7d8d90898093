import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { copyFile, mkdtemp, rm, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { createSimulatedCamera, type SimulatedCameraOptions } from '../src/simulate/simulated-camera.ts';
import { createFakeClock } from '../src/testing/fake-clock.ts';
import { readRtp, rtcpTypes, RtspClient } from './rtsp-client.ts';

const file = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const overTcp = { Transport: 'RTP/AVP/TCP;unicast;interleaved=0-1' };

async function cameraWithClient(
  options: Partial<SimulatedCameraOptions> = {},
): Promise<{ url: string; client: RtspClient }> {
  const camera = createSimulatedCamera({ file, ...options });
  await camera.start();
  onTestFinished(() => camera.stop());
  return { url: camera.url, client: await clientOf(camera.url) };
}

async function clientOf(url: string): Promise<RtspClient> {
  const client = await RtspClient.connect(url);
  onTestFinished(() => client.close());
  return client;
}

async function setUp(
  client: RtspClient,
  url: string,
  headers: Record<string, string> = overTcp,
): Promise<string> {
  const { status, headers: answered } = await client.request('SETUP', `${url}/trackID=1`, headers);
  expect(status).toBe(200);
  return answered.get('session')?.split(';')[0] ?? '';
}

/** The ports of a client, for RTP and for RTCP. */
async function udpPair(): Promise<[Socket, Socket]> {
  const sockets: Socket[] = [];
  onTestFinished(() => sockets.forEach((socket) => socket.close()));
  const open = async () => {
    const socket = createSocket('udp4').bind(0, '127.0.0.1');
    sockets.push(socket);
    await once(socket, 'listening');
    return socket;
  };
  return [await open(), await open()];
}

test('a client goes from the first question to the goodbye', async () => {
  const { url, client } = await cameraWithClient();
  const options = await client.request('OPTIONS', url);
  expect(options.headers.get('public')).toContain('SETUP, PLAY, PAUSE');
  const description = await client.request('DESCRIBE', url, { Accept: 'application/sdp' });
  expect(description.headers.get('content-base')).toBe(`${url}/`);
  expect(description.body).toContain('a=control:trackID=1');

  const setup = await client.request('SETUP', `${url}/trackID=1`, overTcp);
  expect(setup.headers.get('transport')).toBe('RTP/AVP/TCP;unicast;interleaved=0-1');
  expect(setup.headers.get('session')).toMatch(/^[0-9a-f]{24};timeout=60$/);
  const session = { Session: setup.headers.get('session')?.split(';')[0] ?? '' };
  const play = await client.request('PLAY', url, { ...session, Range: 'npt=0-' });
  await client.until(() => client.rtp().some((packet) => packet.marker), 'the first frame');

  const info = /url=(\S+);seq=(\d+);rtptime=(\d+)$/.exec(play.headers.get('rtp-info') ?? '');
  const [first] = client.rtp();
  expect(info?.slice(1)).toEqual([`${url}/trackID=1`, String(first?.sequence), String(first?.timestamp)]);
  expect(play.headers.get('range')).toBe('npt=now-');
  // SPS, PPS, then the picture.
  expect(
    client
      .rtp()
      .slice(0, 2)
      .map((packet) => packet.payload.readUInt8(0) & 0x1f),
  ).toEqual([7, 8]);
  expect(client.packets.every((packet) => packet.data.length <= 1400)).toBe(true);
  expect(rtcpTypes(client.packets[0]?.data ?? Buffer.alloc(0))).toEqual([200, 202]);

  expect((await client.request('TEARDOWN', url, session)).status).toBe(200);
  expect(rtcpTypes(client.packets.at(-1)?.data ?? Buffer.alloc(0))).toEqual([200, 202, 203]);
  expect((await client.request('PLAY', url, session)).status).toBe(454);
});

test('what cannot be served is refused by its number', async () => {
  const { url, client } = await cameraWithClient();
  const track = `${url}/trackID=1`;
  const status = async (...request: Parameters<RtspClient['request']>) =>
    (await client.request(...request)).status;
  const elsewhere = url.replace('/live', '/garden');
  expect(await status('DESCRIBE', elsewhere)).toBe(404);
  expect(await status('SETUP', `${url}/trackID=2`, overTcp)).toBe(404);
  expect(await status('DESCRIBE', url, { Accept: 'text/plain' })).toBe(406);
  expect(await status('SETUP', url, overTcp)).toBe(459);
  expect(await status('SETUP', track, { Transport: 'RTP/AVP;multicast' })).toBe(461);
  expect(await status('SETUP', track)).toBe(461);
  expect(await status('PLAY', url)).toBe(455);
  expect(await status('PLAY', url, { Session: 'abc' })).toBe(454);
  expect(await status('SETUP', track, { ...overTcp, Session: 'abc' })).toBe(454);
  expect(await status('OPTIONS', url, { Require: 'org.example.magic' })).toBe(551);
  expect(await status('RECORD', url)).toBe(501);
  const session = { Session: await setUp(client, url) };
  expect(await status('SETUP', track, overTcp)).toBe(461);
  expect(await status('GET_PARAMETER', url, session)).toBe(200);
  expect(await status('SET_PARAMETER', url, session, 'volume: 11')).toBe(451);
  await client.request('PLAY', url, session);
  expect(await status('SETUP', track, { ...session, ...overTcp })).toBe(455);

  client.send('OPTIONS * RTSP/1.0\n\nOPTIONS * RTSP/2.0\nCSeq: 1\n\n');
  await client.until(() => client.answers.at(-1)?.status === 505, 'the refusal of another version');
  expect(client.answers.at(-2)?.status).toBe(400);
  client.send('GET / HTTP/1.1\n\n');
  await once(client.socket, 'close');
  expect(client.answers.at(-1)?.status).toBe(400);
});

test('two clients see the same pictures at the same time, each with numbers of its own', async () => {
  const { url, client } = await cameraWithClient();
  const other = await clientOf(url);
  for (const each of [client, other]) await each.request('PLAY', url, { Session: await setUp(each, url) });
  const wanted = 20;
  await Promise.all(
    [client, other].map((each) => each.until(() => each.rtp().length >= wanted, `${wanted} packets`)),
  );
  const payloads = (each: RtspClient) =>
    each
      .rtp()
      .slice(0, wanted)
      .map(({ payload }) => payload.toString('hex'));
  expect(payloads(client)).toEqual(payloads(other));
  expect(client.rtp()[0]?.ssrc).not.toBe(other.rtp()[0]?.ssrc);
  client.close();
  const seen = other.rtp().length;
  await other.until(() => other.rtp().length > seen, 'frames after the first client left');
});

test('after a pause the stream goes on live, with a key frame and stamps that tell how long it was', async () => {
  const { url, client } = await cameraWithClient();
  const session = { Session: await setUp(client, url) };
  await client.request('PLAY', url, session);
  await client.until(() => client.rtp().length > 0, 'the first frame');
  expect((await client.request('PAUSE', url, session)).status).toBe(200);
  const before = client.rtp();
  const play = await client.request('PLAY', url, session);
  await client.until(() => client.rtp().length > before.length, 'a frame after the pause');
  const next = client.rtp()[before.length];
  expect(next?.sequence).toBe(((before.at(-1)?.sequence ?? 0) + 1) % 65_536);
  expect(play.headers.get('rtp-info')).toContain(`seq=${next?.sequence};rtptime=${next?.timestamp}`);
  expect((next?.payload.readUInt8(0) ?? 0) & 0x1f).toBe(7);
  // Key frames of the footage are one second apart.
  expect(((next?.timestamp ?? 0) - (before[0]?.timestamp ?? 0) + 2 ** 32) % 2 ** 32).toBe(90_000);
});

test('over UDP a session outlives its connection, and ends with a goodbye when the client is silent', async () => {
  const { url, client } = await cameraWithClient({ sessionTimeoutMs: 2000 });
  const [rtp, rtcp] = await udpPair();
  const reports: Buffer[] = [];
  const goodbye = new Promise<void>((resolve) => {
    rtcp.on('message', (report) => {
      reports.push(report);
      if (rtcpTypes(report).includes(203)) resolve();
    });
  });
  const ports = `${rtp.address().port}-${rtcp.address().port}`;
  const transport = { Transport: `RTP/AVP;unicast;client_port=${ports}` };
  const setup = await client.request('SETUP', `${url}/trackID=1`, transport);
  const [, serverPort] =
    /^RTP\/AVP;unicast;client_port=[\d-]+;server_port=(\d+)-\d+$/.exec(
      setup.headers.get('transport') ?? '',
    ) ?? [];
  const session = { Session: setup.headers.get('session')?.split(';')[0] ?? '' };
  const firstPacket = once(rtp, 'message') as Promise<[Buffer, { port: number }]>;
  await client.request('PLAY', url, session);
  client.close();
  const [packet, from] = await firstPacket;
  expect(readRtp(packet).payload.readUInt8(0) & 0x1f).toBe(7);
  expect(String(from.port)).toBe(serverPort);
  await goodbye;
  expect(rtcpTypes(reports[0] ?? Buffer.alloc(0))).toEqual([200, 202]);
  const later = await clientOf(url);
  expect((await later.request('GET_PARAMETER', url, session)).status).toBe(454);
});

test('receiver reports alone keep a session alive', async () => {
  const { url, client } = await cameraWithClient({ sessionTimeoutMs: 1500 });
  const [rtp, rtcp] = await udpPair();
  const ports = `${rtp.address().port}-${rtcp.address().port}`;
  const setup = await client.request('SETUP', `${url}/trackID=1`, {
    Transport: `RTP/AVP;unicast;client_port=${ports}`,
  });
  const serverRtcp = Number(/server_port=\d+-(\d+)/.exec(setup.headers.get('transport') ?? '')?.[1]);
  const session = { Session: setup.headers.get('session')?.split(';')[0] ?? '' };
  const startedAt = performance.now();
  let alive = true;
  rtcp.on('message', (report) => (alive &&= !rtcpTypes(report).includes(203)));
  await client.request('PLAY', url, session);
  // Each packet of the stream is answered with an empty receiver report, until twice the time-out is over.
  await new Promise<void>((resolve) => {
    rtp.on('message', () => {
      rtcp.send(Buffer.from([0x80, 201, 0, 1, 0, 0, 0, 1]), serverRtcp, '127.0.0.1');
      if (performance.now() - startedAt > 3000) resolve();
    });
  });
  expect(alive).toBe(true);
  expect((await client.request('TEARDOWN', url, session)).status).toBe(200);
});

test('a client that goes away without a word takes its session with it', async () => {
  const { url, client } = await cameraWithClient();
  const session = { Session: await setUp(client, url) };
  const other = await clientOf(url);
  expect((await other.request('GET_PARAMETER', url, session)).status).toBe(200);
  client.close();
  const deadline = performance.now() + 5000;
  let status = 200;
  while (status === 200 && performance.now() < deadline) {
    ({ status } = await other.request('GET_PARAMETER', url, session));
  }
  expect(status).toBe(454);
});

test('a report every five seconds ties the wall clock to the stamps', async () => {
  const clock = createFakeClock();
  const { url, client } = await cameraWithClient({ clock });
  await client.request('PLAY', url, { Session: await setUp(client, url) });
  const reports = () => client.packets.filter((packet) => packet.channel === 1).map((packet) => packet.data);
  // One frame every 100 ms of the footage.
  for (let frame = 0; reports().length < 3; frame += 1) {
    await clock.advance(100);
    const frames = () => client.rtp().filter((packet) => packet.marker).length;
    await client.until(() => reports().length >= 3 || frames() > frame - 10, `frame ${frame}`);
  }
  const [first, second, third] = reports().map((report) => ({
    ms: (report.readUInt32BE(8) + report.readUInt32BE(12) / 2 ** 32) * 1000,
    timestamp: report.readUInt32BE(16),
  }));
  if (first === undefined || second === undefined || third === undefined)
    throw new Error('a report is missing');
  expect(third.ms - second.ms).toBeCloseTo(5000, 0);
  for (const report of [second, third]) {
    const ticks = (report.timestamp - first.timestamp + 2 ** 32) % 2 ** 32;
    expect(ticks).toBeCloseTo((report.ms - first.ms) * 90, 0);
  }
});

test('a file that is cut while it is served costs pictures, not the camera', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'heldar-camera-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const copy = join(folder, 'copy.mp4');
  await copyFile(file, copy);
  const lines: string[] = [];
  const log = pino({ level: 'error' }, { write: (line) => void lines.push(line) });
  const { url, client } = await cameraWithClient({ file: copy, log });
  await client.request('PLAY', url, { Session: await setUp(client, url) });
  await client.until(() => client.rtp().length > 0, 'the first frame');
  await truncate(copy, 0);
  await expect.poll(() => lines.length).toBe(1);
  expect(lines[0]).toContain('the file ends at byte');
  const before = client.rtp();
  await copyFile(file, copy);
  await client.until(() => client.rtp().length > before.length, 'frames of the file that is whole again');
  const next = client.rtp()[before.length];
  expect((next?.payload.readUInt8(0) ?? 0) & 0x1f).toBe(7);
  expect(next?.sequence).toBe(((before.at(-1)?.sequence ?? 0) + 1) % 65_536);
});
