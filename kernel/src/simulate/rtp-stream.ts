/** Which packets does one client get of one track? */
import type { Clock } from '../clock.ts';
import type { Broadcast, LiveFrame } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import type { MediaTrack } from './media-track.ts';
import type { PacketChannel } from './packet-channel.ts';
import { farewell, rtpHeader, senderReport, type SenderState } from './rtp.ts';
import { payloadTypeOf } from './sdp.ts';

export type RandomBytes = (count: number) => Buffer;

const cname = 'heldar-simulated-camera';

/** Numbers the packets of one stream from random starts, so that streams are told apart (RFC 3550). */
export class RtpStream {
  readonly track: MediaTrack;
  readonly #channel: PacketChannel;
  readonly #broadcast: Broadcast;
  readonly #clock: Clock;
  readonly #log: CameraLog;
  readonly #ssrc: number;
  readonly #timestampOffset: number;
  #sequence: number;
  #packetCount = 0;
  #payloadBytes = 0;
  /** A picture that builds on one the client never got would be garbage. */
  #needsKeyFrame = true;
  #needsReport = true;

  constructor(
    track: MediaTrack,
    channel: PacketChannel,
    broadcast: Broadcast,
    clock: Clock,
    randomBytes: RandomBytes,
    log: CameraLog,
  ) {
    this.track = track;
    this.#channel = channel;
    this.#broadcast = broadcast;
    this.#clock = clock;
    this.#log = log;
    const random = randomBytes(10);
    this.#ssrc = random.readUInt32BE(0);
    this.#timestampOffset = random.readUInt32BE(4);
    this.#sequence = random.readUInt16BE(8);
  }

  /** Number and time stamp of the packet a client that starts now gets first. */
  upcoming(): { sequence: number; timestamp: number } {
    const { presentationSeconds } = this.#broadcast.upcomingKeyFrame(this.track);
    return { sequence: this.#sequence, timestamp: this.#timestampAt(presentationSeconds) };
  }

  /** Begins, again, with the next key frame. */
  restart(): void {
    this.#needsKeyFrame = true;
    this.#needsReport = true;
  }

  /** A frame of another codec than the client was told of is none for it. */
  send(frame: LiveFrame): void {
    if (frame.track.codec !== this.track.codec) return;
    if (this.#channel.isCongested() || (this.#needsKeyFrame && !frame.isKeyFrame)) {
      this.#needsKeyFrame = true;
      return;
    }
    this.#needsKeyFrame = false;
    if (this.#packetCount === 0) this.#log.info({ codec: this.track.codec }, 'first frame sent');
    if (this.#needsReport) this.report();
    this.#channel.sendRtp(this.#packetsOf(frame));
  }

  report(): void {
    this.#needsReport = false;
    if (!this.#broadcast.isSilent && !this.#channel.isCongested())
      this.#channel.sendRtcp(senderReport(this.#senderState()));
  }

  /** Says goodbye when anything was sent, and closes the channel. */
  async close(): Promise<void> {
    if (this.#packetCount > 0 && !this.#broadcast.isSilent && !this.#channel.isCongested())
      this.#channel.sendRtcp(farewell(this.#senderState()));
    await this.#channel.close();
  }

  /** Closes the channel without a word. */
  async vanish(): Promise<void> {
    await this.#channel.close();
  }

  #packetsOf(frame: LiveFrame): Buffer[][] {
    const timestamp = this.#timestampAt(frame.presentationSeconds);
    return frame.payloads.map((payload, index) => {
      const header = rtpHeader({
        marker: index === frame.payloads.length - 1,
        payloadType: payloadTypeOf(this.track),
        sequence: this.#sequence,
        timestamp,
        ssrc: this.#ssrc,
      });
      this.#sequence = (this.#sequence + 1) & 0xffff;
      this.#packetCount += 1;
      this.#payloadBytes += payload.length;
      return [header, payload];
    });
  }

  #senderState(): SenderState {
    return {
      ssrc: this.#ssrc,
      cname,
      wallMs: this.#clock.now(),
      timestamp: this.#timestampAt(this.#broadcast.nowSeconds()),
      packetCount: this.#packetCount,
      payloadBytes: this.#payloadBytes,
    };
  }

  /** Not reduced before the sum, so that the stamps of all passes over the file form one line. */
  #timestampAt(seconds: number): number {
    const ticks = this.#timestampOffset + Math.round(seconds * this.track.clockRate);
    return ((ticks % 2 ** 32) + 2 ** 32) % 2 ** 32;
  }
}
