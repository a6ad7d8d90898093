/** How do packets reach a client over UDP? */
import { createSocket, type Socket } from 'node:dgram';
import { once } from 'node:events';
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import type { CameraLog } from './camera-log.ts';
import { Pacer } from './pacer.ts';
import type { ChannelEvents, PacketChannel } from './packet-channel.ts';

export interface UdpEnds {
  readonly localAddress: string;
  readonly clientAddress: string;
  /** For RTP and for RTCP. */
  readonly clientPorts: readonly [number, number];
  /** Bytes that may wait to be sent. */
  readonly maxQueuedBytes: number;
}

const maxBindAttempts = 30;

export async function openUdpChannel(
  ends: UdpEnds,
  events: ChannelEvents,
  clock: Clock,
  log: CameraLog,
): Promise<PacketChannel> {
  const [rtp, rtcp] = await bindPair(ends.localAddress);
  const [rtpPort, rtcpPort] = ends.clientPorts;
  rtcp.on('message', (_packet, from) => {
    if (from.address === ends.clientAddress && from.port === rtcpPort) events.alive();
  });
  for (const socket of [rtp, rtcp])
    socket.on('error', (error) => log.debug({ reason: error.message }, 'UDP error'));
  const underWay = new Set<Promise<void>>();
  const send = (socket: Socket, pieces: readonly Buffer[], port: number) => {
    const sent = sendTo(socket, pieces, port, ends.clientAddress, log).then(() => void underWay.delete(sent));
    underWay.add(sent);
  };
  const pacer = new Pacer(clock, (pieces) => send(rtp, pieces, rtpPort));
  return {
    transportHeader:
      `RTP/AVP;unicast;client_port=${rtpPort}-${rtcpPort}` +
      `;server_port=${rtp.address().port}-${rtcp.address().port}`,
    isCongested: () => pacer.queuedBytes > ends.maxQueuedBytes,
    sendRtp: (packets) => pacer.push(packets),
    sendRtcp: (packet) => send(rtcp, [packet], rtcpPort),
    close: async () => {
      pacer.stop();
      await Promise.all(underWay);
      await Promise.all([closeSocket(rtp), closeSocket(rtcp)]);
    },
  };
}

/** An even port for RTP and the next one for RTCP. */
async function bindPair(address: string): Promise<[Socket, Socket]> {
  for (let attempt = 0; attempt < maxBindAttempts; attempt += 1) {
    const rtp = await bindSocket(address, 0);
    const { port } = rtp.address();
    const rtcp = port % 2 === 0 ? await bindSocket(address, port + 1).catch(() => null) : null;
    if (rtcp !== null) return [rtp, rtcp];
    await closeSocket(rtp);
  }
  throw new HeldarError('unavailable', `No two neighbouring UDP ports are free on ${address}.`);
}

async function bindSocket(address: string, port: number): Promise<Socket> {
  const socket = createSocket(isIPv6(address) ? 'udp6' : 'udp4');
  try {
    socket.bind(port, address);
    await once(socket, 'listening');
    return socket;
  } catch (error) {
    await closeSocket(socket);
    throw error;
  }
}

/** UDP promises nothing: what cannot be sent is lost, as it would be on the way. */
function sendTo(
  socket: Socket,
  pieces: readonly Buffer[],
  port: number,
  address: string,
  log: CameraLog,
): Promise<void> {
  return new Promise((resolve) => {
    socket.send([...pieces], port, address, (error) => {
      if (error) log.debug({ error: error.message }, 'UDP packet not sent');
      resolve();
    });
  });
}

function closeSocket(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    socket.close(() => resolve());
  });
}
