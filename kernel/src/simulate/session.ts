/** What has one client set up, is it playing, and is the client still there? */
import type { Clock } from '../clock.ts';
import type { Broadcast } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import type { MediaTrack } from './media-track.ts';
import type { ChannelEvents, PacketChannel } from './packet-channel.ts';
import { RtpStream, type RandomBytes } from './rtp-stream.ts';

export interface SessionParts {
  readonly broadcast: Broadcast;
  readonly clock: Clock;
  readonly randomBytes: RandomBytes;
  readonly log: CameraLog;
  /** A session whose client is silent for longer ends. */
  readonly timeoutMs: number;
}

const reportEveryMs = 5000;

export class Session implements ChannelEvents {
  readonly id: string;
  readonly #parts: SessionParts;
  readonly #onEnd: (session: Session) => void;
  /** By the number of the track: what is shown may change, a stream goes on. */
  readonly #streams = new Map<number, RtpStream>();
  #stopPlaying: (() => void) | null = null;
  #cancelTimeout: () => void = () => undefined;
  #ending: Promise<void> | null = null;

  constructor(parts: SessionParts, onEnd: (session: Session) => void) {
    this.#parts = parts;
    this.#onEnd = onEnd;
    this.id = parts.randomBytes(12).toString('hex');
    this.alive();
  }

  get isPlaying(): boolean {
    return this.#stopPlaying !== null;
  }

  get isEnded(): boolean {
    return this.#ending !== null;
  }

  get streams(): readonly RtpStream[] {
    return [...this.#streams.values()];
  }

  /** Sends the track over the channel from the next `play` on; a channel set up before is closed. */
  async setUp(track: MediaTrack, channel: PacketChannel): Promise<void> {
    const { broadcast, clock, randomBytes, log } = this.#parts;
    const replaced = this.#streams.get(track.id);
    this.#streams.set(track.id, new RtpStream(track, channel, broadcast, clock, randomBytes, log));
    await replaced?.close();
  }

  /** Each stream begins with the next key frame; without effect on a session that plays. */
  play(): void {
    if (this.isPlaying || this.isEnded) return;
    for (const stream of this.#streams.values()) stream.restart();
    this.#parts.log.info('session plays');
    const unsubscribe = this.#parts.broadcast.subscribe((frame) => {
      if (frame !== null) this.#streams.get(frame.track.id)?.send(frame);
      else for (const stream of this.#streams.values()) stream.restart();
    });
    const stopReports = this.#reportRegularly();
    this.#stopPlaying = () => {
      unsubscribe();
      stopReports();
    };
  }

  pause(): void {
    this.#stopPlaying?.();
    this.#stopPlaying = null;
  }

  alive(): void {
    this.#cancelTimeout();
    if (this.isEnded) return;
    this.#cancelTimeout = this.#parts.clock.after(this.#parts.timeoutMs, () =>
      this.#endInBackground('timed out'),
    );
  }

  lost(): void {
    this.#endInBackground('connection closed');
  }

  /** Resolves when nothing of the session is open any more. */
  end(): Promise<void> {
    this.#ending ??= this.#close((stream) => stream.close());
    return this.#ending;
  }

  /** The same without a goodbye to the client. */
  vanish(): Promise<void> {
    this.#ending ??= this.#close((stream) => stream.vanish());
    return this.#ending;
  }

  async #close(closeStream: (stream: RtpStream) => Promise<void>): Promise<void> {
    this.pause();
    this.#cancelTimeout();
    this.#onEnd(this);
    await Promise.all(this.streams.map(closeStream));
  }

  #endInBackground(reason: string): void {
    if (this.isEnded) return;
    const { log } = this.#parts;
    log.info({ reason }, 'session ended');
    this.end().catch((error: unknown) => log.error({ error }, 'session did not close'));
  }

  #reportRegularly(): () => void {
    const next = () =>
      this.#parts.clock.after(reportEveryMs, () => {
        for (const stream of this.#streams.values()) stream.report();
        cancel = next();
      });
    let cancel = next();
    return () => cancel();
  }
}
