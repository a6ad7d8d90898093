/** What is the camera sending now? One clock for all clients that walks the file over and over, or another from some moment on. */
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { CameraLog } from './camera-log.ts';
import { goodConduct, type Conduct } from './conduct.ts';
import type { MediaFile } from './media-file.ts';
import { isVideo, type MediaSample, type MediaTrack, type VideoTrack } from './media-track.ts';
import { splitNalUnits, withParameterSets } from './nal.ts';
import { packetizeAccessUnit, packetizeSound } from './packetize.ts';
import { rtpHeaderBytes } from './rtp.ts';
import { buildTimeline, nextKeyFrame, scheduledAt, type ScheduledSample, type Timeline } from './timeline.ts';

/** One access unit, or one packet of sound, cut into RTP payloads that all clients share. */
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
  readonly #clock: Clock;
  readonly #log: CameraLog;
  readonly #conduct: Conduct;
  readonly #listeners = new Set<FrameListener>();
  #media: MediaFile;
  #timeline: Timeline;
  #next: { readonly media: MediaFile; readonly taken: (before: MediaFile) => void } | null = null;
  /** Index of the next frame to hand out. */
  #position = 0;
  /** Monotonic ms at which second 0 of the file was due. */
  #originMs = 0;
  /** Time stamp of second 0 of the file, seconds. */
  #offsetSeconds = 0;
  #isUnreadable = false;

  constructor(media: MediaFile, clock: Clock, log: CameraLog, conduct: Conduct = goodConduct()) {
    this.#media = media;
    this.#clock = clock;
    this.#log = log;
    this.#conduct = conduct;
    this.#timeline = buildTimeline(media.tracks);
  }

  /** Runs until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    this.#originMs = this.#clock.monotonic();
    while (!signal.aborted) {
      const scheduled = scheduledAt(this.#timeline, this.#position);
      await this.#waitUntilDue(scheduled, signal);
      if (signal.aborted) break;
      if (this.#next !== null) {
        this.#takeOver();
        continue;
      }
      const frame = this.#listeners.size === 0 || this.isSilent ? null : await this.#read(scheduled);
      // Advanced and handed out in one turn, so that `upcomingKeyFrame` names a frame the caller will get.
      this.#position += 1;
      if (this.#conduct.isMuted && !isVideo(scheduled.track)) continue;
      for (const listener of this.#listeners) listener(frame);
    }
    this.#next?.taken(this.#next.media);
  }

  /** Of the file that is shown. */
  get tracks(): readonly MediaTrack[] {
    return this.#media.tracks;
  }

  get media(): MediaFile {
    return this.#media;
  }

  /** Nothing is sent at all. */
  get isSilent(): boolean {
    return this.#conduct.isFrozen || this.#conduct.isHanging;
  }

  /** The time stamp of this moment: seconds since the camera started, and whatever it has jumped since. */
  nowSeconds(): number {
    return this.#fileSeconds() + this.#offsetSeconds;
  }

  /** From now on time stamps are this much later than they would have been. */
  jump(seconds: number): void {
    this.#offsetSeconds += seconds;
  }

  /** Shows another file from its beginning, with time stamps that go on. Resolves with the one that is no longer read. */
  show(media: MediaFile): Promise<MediaFile> {
    return new Promise((taken) => {
      this.#next?.taken(this.#next.media);
      this.#next = { media, taken };
    });
  }

  /** The key frame with which a client that subscribes now begins. */
  upcomingKeyFrame(track: MediaTrack): ScheduledSample {
    const upcoming = nextKeyFrame(this.#timeline, this.#position, track);
    return { ...upcoming, presentationSeconds: upcoming.presentationSeconds + this.#offsetSeconds };
  }

  /** Answers how to unsubscribe. */
  subscribe(listener: FrameListener): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #fileSeconds(): number {
    return (this.#clock.monotonic() - this.#originMs) / 1000;
  }

  #takeOver(): void {
    if (this.#next === null) return;
    const before = this.#media;
    this.#offsetSeconds += this.#fileSeconds();
    this.#originMs = this.#clock.monotonic();
    this.#position = 0;
    this.#media = this.#next.media;
    this.#timeline = buildTimeline(this.#media.tracks);
    this.#next.taken(before);
    this.#next = null;
    for (const listener of this.#listeners) listener(null);
  }

  async #waitUntilDue(scheduled: ScheduledSample, signal: AbortSignal): Promise<void> {
    const waitMs = this.#originMs + scheduled.dueSeconds * 1000 - this.#clock.monotonic();
    if (waitMs < -maxLagMs) this.#originMs -= waitMs;
    if (waitMs > 0) await delay(this.#clock, waitMs, signal).catch(() => undefined);
  }

  async #read({ track, sample, presentationSeconds }: ScheduledSample): Promise<LiveFrame | null> {
    try {
      const bytes = await this.#media.readSample(sample);
      const payloads = isVideo(track)
        ? payloadsOf(track, sample, bytes)
        : [packetizeSound(track.codec, bytes)];
      this.#isUnreadable = false;
      return {
        track,
        payloads,
        presentationSeconds: presentationSeconds + this.#offsetSeconds,
        isKeyFrame: sample.isKeyFrame,
      };
    } catch (error) {
      if (!this.#isUnreadable)
        this.#log.error({ offset: sample.offset, reason: messageOf(error) }, 'frame unreadable');
      this.#isUnreadable = true;
      return null;
    }
  }
}

function payloadsOf(track: VideoTrack, sample: MediaSample, bytes: Buffer): Buffer[] {
  const nalUnits = splitNalUnits(track.codec, bytes, track.nalLengthBytes);
  const complete = sample.isKeyFrame
    ? withParameterSets(track.codec, nalUnits, track.parameterSets)
    : nalUnits;
  return packetizeAccessUnit(track.codec, complete, maxRtpPacketBytes - rtpHeaderBytes);
}
