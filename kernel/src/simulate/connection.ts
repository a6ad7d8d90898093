/** What shares one RTSP connection: answers, and the packets of the sessions that chose to go over it. */
import type { Socket } from 'node:net';
import type { ChannelEvents, PacketChannel } from './packet-channel.ts';
import { interleavedHeader } from './rtsp-message.ts';

export class Connection {
  readonly socket: Socket;
  readonly localAddress: string;
  readonly remoteAddress: string;
  readonly #maxQueuedBytes: number;
  /** By RTP and by RTCP channel. */
  readonly #channels = new Map<number, ChannelEvents>();

  constructor(socket: Socket, maxQueuedBytes: number) {
    this.socket = socket;
    this.localAddress = plainAddress(socket.localAddress);
    this.remoteAddress = plainAddress(socket.remoteAddress);
    this.#maxQueuedBytes = maxQueuedBytes;
    socket.setNoDelay(true);
  }

  /** Answers null when the wanted channels, or all, are taken. */
  openChannel(wanted: readonly [number, number] | null, events: ChannelEvents): PacketChannel | null {
    const pair = wanted ?? this.#freePair();
    if (pair === null || pair.some((channel) => this.#channels.has(channel))) return null;
    const [rtp, rtcp] = pair;
    this.#channels.set(rtp, events).set(rtcp, events);
    return {
      transportHeader: `RTP/AVP/TCP;unicast;interleaved=${rtp}-${rtcp}`,
      isCongested: () => this.socket.writableLength > this.#maxQueuedBytes,
      sendRtp: (packets) => this.#send(rtp, packets),
      sendRtcp: (packet) => this.#send(rtcp, [[packet]]),
      close: async () => {
        this.#channels.delete(rtp);
        this.#channels.delete(rtcp);
      },
    };
  }

  /** A packet came in; answers whether a session expects packets there. */
  receive(channel: number): boolean {
    const events = this.#channels.get(channel);
    events?.alive();
    return events !== undefined;
  }

  answer(bytes: Buffer): void {
    // A client that asks on and on without reading the answers is not worth the memory.
    if (this.socket.writableLength > 2 * this.#maxQueuedBytes) this.socket.destroy();
    if (this.socket.writable) this.socket.write(bytes);
  }

  /** The connection has ended: so have the streams on it. */
  lose(): void {
    for (const events of new Set(this.#channels.values())) events.lost();
  }

  #send(channel: number, packets: readonly (readonly Buffer[])[]): void {
    if (!this.socket.writable) return;
    this.socket.cork();
    for (const pieces of packets) {
      const packetBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
      this.socket.write(interleavedHeader(channel, packetBytes));
      for (const piece of pieces) this.socket.write(piece);
    }
    this.socket.uncork();
  }

  #freePair(): [number, number] | null {
    for (let rtp = 0; rtp < 255; rtp += 2) {
      if (!this.#channels.has(rtp) && !this.#channels.has(rtp + 1)) return [rtp, rtp + 1];
    }
    return null;
  }
}

/** An IPv4 client of a server that listens on `::` has an address inside IPv6. */
function plainAddress(address = ''): string {
  return address.replace(/^::ffff:/i, '');
}
