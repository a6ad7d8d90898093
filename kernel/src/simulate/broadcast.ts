/** What is the camera sending now? One clock for all clients that walks the file over and over. */
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { CameraLog } from './camera-log.ts';
import type { MediaFile } from './media-file.ts';
import type { MediaTrack } from './mp4-tracks.ts';
import { splitNalUnits, withParameterSets } from './nal.ts';
import { packetizeAccessUnit } from './packetize.ts';
import { rtpHeaderBytes } from './rtp.ts';
import { buildTimeline, nextKeyFrame, scheduledAt, type ScheduledSample, type Timeline } from './timeline.ts';

/** One access unit, cut into RTP payloads that all clients share. */
export interface LiveFrame {
  readonly track: MediaTrack;
  readonly payloads: readonly Buffer[];
  /** Seconds since the camera started. */
  readonly presentationSeconds: number;
  readonly isKeyFrame: boolean;
}

/** Receives each frame when it is due; null stands for a frame that could not be read. */
export type FrameListener = (frame: LiveFrame | null) => void;

const maxRtpPacketBytes = 1400;
/** A camera that was asleep longer than this goes on from where it was instead of catching up. */
const maxLagMs = 1000;

export class Broadcast {
  readonly #media: MediaFile;
  readonly #clock: Clock;
  readonly #log: CameraLog;
  readonly #timeline: Timeline;
  readonly #listeners = new Set<FrameListener>();
  /** Index of the next frame to hand out. */
  #position = 0;
  /** Monotonic ms at which second 0 was due. */
  #originMs = 0;
  #isUnreadable = false;

  constructor(media: MediaFile, clock: Clock, log: CameraLog) {
    this.#media = media;
    this.#clock = clock;
    this.#log = log;
    this.#timeline = buildTimeline(media.tracks);
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.#originMs = this.#clock.monotonic();
    while (!signal.aborted) {
      const scheduled = scheduledAt(this.#timeline, this.#position);
      await this.#waitUntilDue(scheduled, signal);
      if (signal.aborted) return;
      const frame = this.#listeners.size === 0 ? null : await this.#read(scheduled);
      // Advanced and handed out in one turn, so that `upcomingKeyFrame` names a frame the caller will get.
      this.#position += 1;
      for (const listener of this.#listeners) listener(frame);
    }
  }

  /** Seconds since the camera started. */
  nowSeconds(): number {
    return (this.#clock.monotonic() - this.#originMs) / 1000;
  }

  /** The key frame with which a client that subscribes now begins. */
  upcomingKeyFrame(track: MediaTrack): ScheduledSample {
    return nextKeyFrame(this.#timeline, this.#position, track);
  }

  /** Answers how to unsubscribe. */
  subscribe(listener: FrameListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  async #waitUntilDue(scheduled: ScheduledSample, signal: AbortSignal): Promise<void> {
    const waitMs = this.#originMs + scheduled.dueSeconds * 1000 - this.#clock.monotonic();
    if (waitMs < -maxLagMs) this.#originMs -= waitMs;
    if (waitMs > 0) await delay(this.#clock, waitMs, signal).catch(() => undefined);
  }

  async #read({ track, sample, presentationSeconds }: ScheduledSample): Promise<LiveFrame | null> {
    try {
      const nalUnits = splitNalUnits(track.codec, await this.#media.readSample(sample), track.nalLengthBytes);
      const complete = sample.isKeyFrame
        ? withParameterSets(track.codec, nalUnits, track.parameterSets)
        : nalUnits;
      const payloads = packetizeAccessUnit(track.codec, complete, maxRtpPacketBytes - rtpHeaderBytes);
      this.#isUnreadable = false;
      return { track, payloads, presentationSeconds, isKeyFrame: sample.isKeyFrame };
    } catch (error) {
      if (!this.#isUnreadable)
        this.#log.error({ offset: sample.offset, reason: messageOf(error) }, 'frame unreadable');
      this.#isUnreadable = true;
      return null;
    }
  }
}
