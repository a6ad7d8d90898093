/** Which sample is due when, in an endless loop over the file? */
import type { MediaSample, MediaTrack } from './media-track.ts';

export interface Timeline {
  /** The samples of one pass over the file, in the order they are sent. */
  readonly pass: readonly { readonly track: MediaTrack; readonly sample: MediaSample }[];
  readonly durationSeconds: number;
}

export interface ScheduledSample {
  readonly track: MediaTrack;
  readonly sample: MediaSample;
  /** Seconds since the camera started; never decreases with the index. */
  readonly dueSeconds: number;
  /** Seconds on the same scale at which the picture is to be shown. */
  readonly presentationSeconds: number;
}

/** Needs at least one track with samples and a duration. */
export function buildTimeline(tracks: readonly MediaTrack[]): Timeline {
  return {
    pass: tracks
      .flatMap((track) => track.samples.map((sample) => ({ track, sample })))
      .sort((a, b) => a.sample.decodeSeconds - b.sample.decodeSeconds),
    durationSeconds: Math.max(...tracks.map((track) => track.durationSeconds)),
  };
}

/** The sample with that index, counted from the start of the camera over all passes. */
export function scheduledAt(timeline: Timeline, index: number): ScheduledSample {
  const { pass, durationSeconds } = timeline;
  const entry = pass[index % pass.length];
  if (entry === undefined) throw new RangeError('the timeline holds no samples');
  const passStart = Math.floor(index / pass.length) * durationSeconds;
  return {
    ...entry,
    dueSeconds: passStart + entry.sample.decodeSeconds,
    presentationSeconds: passStart + entry.sample.presentationSeconds,
  };
}

/** The first key frame of the track of that number at the index or behind it. */
export function nextKeyFrame(
  timeline: Timeline,
  index: number,
  track: Pick<MediaTrack, 'id'>,
): ScheduledSample {
  for (let candidate = index; candidate < index + timeline.pass.length; candidate += 1) {
    const scheduled = scheduledAt(timeline, candidate);
    if (scheduled.track.id === track.id && scheduled.sample.isKeyFrame) return scheduled;
  }
  throw new RangeError(`track ${track.id} has no key frame`);
}
