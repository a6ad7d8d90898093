import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type AddressInfo, type Socket } from 'node:net';
import { fileURLToPath } from 'node:url';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { readRtp, RtspClient, type Rtp } from '../../test/rtsp-client.ts';
import { systemClock } from '../clock.ts';

import { Broadcast, type LiveFrame } from './broadcast.ts';
import { Connection } from './connection.ts';
import { openMediaFile } from './media-file.ts';
import type { MediaTrack } from './media-track.ts';
import { RtpStream } from './rtp-stream.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));
const log = pino({ level: 'silent' });
const maxQueuedBytes = 256 * 1024;
const frameBytes = 50_000;
const framesPerGroup = 10;

/** Both ends of one connection: a client whose reading the test controls, and what the server sees of it. */
async function connectedPair(): Promise<{ client: RtspClient; serverSide: Socket }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const accepted = once(server, 'connection') as Promise<[Socket]>;
  const client = await RtspClient.connect(`rtsp://127.0.0.1:${(server.address() as AddressInfo).port}`);
  const [serverSide] = await accepted;
  server.close();
  onTestFinished(() => {
    client.close();
    serverSide.destroy();
  });
  return { client, serverSide };
}

async function streamOver(serverSide: Socket): Promise<{ stream: RtpStream; track: MediaTrack }> {
  const media = await openMediaFile(street, log);
  onTestFinished(() => media.close());
  const channel = new Connection(serverSide, maxQueuedBytes).openChannel(null, { alive() {}, lost() {} });
  const [track] = media.tracks;
  if (channel === null || track === undefined) throw new Error('there is no channel or no track');
  const broadcast = new Broadcast(media, systemClock, log);
  return { track, stream: new RtpStream(track, channel, broadcast, systemClock, randomBytes, log) };
}

/** The first byte tells key frames from others. */
function frameOf(track: MediaTrack, index: number): LiveFrame {
  const isKeyFrame = index % framesPerGroup === 0;
  const payloads = Array.from({ length: frameBytes / 1000 }, () => Buffer.alloc(1000, isKeyFrame ? 1 : 2));
  return { track, payloads, presentationSeconds: index / 25, isKeyFrame };
}

test('a client that does not read loses frames up to a key frame, and takes no more memory than allowed', async () => {
  const { client, serverSide } = await connectedPair();
  const { stream, track } = await streamOver(serverSide);
  client.socket.pause();
  let most = 0;
  let index = 0;
  const sendFrames = (count: number) => {
    for (const end = index + count; index < end; index += 1) {
      stream.send(frameOf(track, index));
      most = Math.max(most, serverSide.writableLength);
    }
  };
  sendFrames(1003);
  expect(most).toBeGreaterThan(maxQueuedBytes);
  expect(most).toBeLessThan(maxQueuedBytes + frameBytes * 1.1);

  client.socket.resume();
  await client.until(() => serverSide.writableLength === 0, 'the rest of the queue');
  sendFrames(17);
  const lastStamp = () => client.rtp().at(-1)?.timestamp;
  const firstStamp = client.rtp()[0]?.timestamp ?? 0;
  const stampOf = (frame: number) => (firstStamp + (frame * 90_000) / 25) % 2 ** 32;
  await client.until(
    () => lastStamp() === stampOf(1019) && client.rtp().at(-1)?.marker === true,
    'the last frame',
  );

  const packets = client.rtp();
  expect(packets.length).toBeLessThan(1003 * 50);
  const gap = packets.findIndex((packet, at) => at > 0 && stepTo(packets[at - 1], packet) > 90_000 / 25);
  expect(packets[gap]?.timestamp).toBe(stampOf(1010));
  expect(packets[gap]?.payload[0]).toBe(1);
  expect(packets[gap - 1]?.marker).toBe(true);
  expect(packets.every((packet, at) => packet.sequence === ((packets[0]?.sequence ?? 0) + at) % 65_536)).toBe(
    true,
  );
});

function stepTo(before: Rtp | undefined, packet: Rtp): number {
  return (packet.timestamp - (before?.timestamp ?? 0) + 2 ** 32) % 2 ** 32;
}

test('a stream begins with a report and a key frame, and ends with a goodbye', async () => {
  const { client, serverSide } = await connectedPair();
  const { stream, track } = await streamOver(serverSide);
  for (let index = 3; index <= framesPerGroup; index += 1) stream.send(frameOf(track, index));
  await stream.close();
  await client.until(() => client.packets.length === 52, 'one frame between two reports');
  expect(client.packets.map((packet) => packet.channel)).toEqual([
    1,
    ...Array.from({ length: 50 }, () => 0),
    1,
  ]);
  const [report, first] = client.packets;
  const farewell = client.packets.at(-1);
  expect(first && readRtp(first.data).payload[0]).toBe(1);
  expect(report?.data.readUInt32BE(20)).toBe(0);
  expect(farewell?.data.readUInt32BE(20)).toBe(50);
  expect(farewell?.data.readUInt32BE(24)).toBe(frameBytes);
});
