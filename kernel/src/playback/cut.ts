/** Which samples of a recording show a part of its time? Begins with a key frame, ends exactly. */
import type { Fragment, RecordedTrack, Recording, Sample } from '../media/recorded-samples.ts';

/** Samples of one track that are decoded from `from` on and before `to`, ticks. */
export interface TrackSpan {
  readonly track: RecordedTrack;
  readonly from: number;
  readonly to: number;
  /** When the last of them is over, ticks. */
  readonly end: number;
}

export interface Cut {
  readonly recording: Recording;
  /** Video first; audio only where there is some. */
  readonly spans: readonly [TrackSpan, ...TrackSpan[]];
  /** From when until when what was asked for is on show, ticks of the video. */
  readonly shownFrom: number;
  readonly shownTo: number;
  /** How much earlier the first picture of the cut is shown, because it is a key frame, ms. */
  readonly leadMs: number;
}

/** `fromMs`, `toMs`: since the first picture of the recording. null: it shows nothing of that time. */
export function cutRecording(recording: Recording, fromMs: number, toMs: number): Cut | null {
  const [video, audio] = recording.tracks;
  const pictures = video === undefined ? [] : samplesOf(recording.fragments, video.id);
  const [first] = pictures;
  if (video === undefined || first === undefined) return null;
  const origin = shownAt(first);
  const over = Math.max(...lastShown(pictures).map((picture) => shownAt(picture) + picture.duration));
  const ticks = (ms: number) => origin + Math.round((ms * video.timescale) / 1000);
  const shownFrom = Math.max(origin, ticks(fromMs));
  const shownTo = Math.min(over, ticks(toMs));
  if (shownFrom >= shownTo) return null;

  const onShow = pictures.findLastIndex((picture) => shownAt(picture) <= shownFrom);
  const begin = Math.max(
    0,
    pictures.findLastIndex(({ isKey }, index) => isKey && index <= onShow),
  );
  const end = endOf(pictures, begin, shownTo);
  const firstPicture = pictures[begin] ?? first;
  const span = spanOf(video, pictures.slice(begin, end));
  if (span === null) return null;
  const seconds = (tick: number) => tick / video.timescale;
  const sound =
    audio === undefined
      ? null
      : cutSound(recording, audio, begin === 0 ? null : seconds(shownAt(firstPicture)), seconds(shownTo));
  return {
    recording,
    spans: sound === null ? [span] : [span, sound],
    shownFrom,
    shownTo,
    leadMs: Math.max(0, ((shownFrom - shownAt(firstPicture)) * 1000) / video.timescale),
  };
}

/** Behind the last picture that is needed: all before it are shown in a row, also where they are decoded in another order. */
function endOf(pictures: readonly Sample[], begin: number, shownTo: number): number {
  let end = pictures.findLastIndex((picture) => shownAt(picture) < shownTo) + 1;
  const latest = Math.max(...lastShown(pictures.slice(begin, end)).map(shownAt));
  for (let next = pictures[end]; next !== undefined && shownAt(next) < latest; next = pictures[end]) end += 1;
  return end;
}

/** All samples of a track, in decoding order. */
export function samplesOf(fragments: readonly Fragment[], trackId: number): Sample[] {
  return fragments.flatMap(({ samples }) => samples.get(trackId) ?? []);
}

/** Those that are in a span. */
export function samplesWithin(fragments: readonly Fragment[], { track, from, to }: TrackSpan): Sample[] {
  return samplesOf(fragments, track.id).filter(({ time }) => time >= from && time < to);
}

export function shownAt({ time, shift }: Pick<Sample, 'time' | 'shift'>): number {
  return time + shift;
}

/** The last to be decoded, among which is the last to be shown: pictures are put in another order over a few at most. */
function lastShown(pictures: readonly Sample[]): readonly Sample[] {
  return pictures.slice(-32);
}

/** `fromS` null: from the beginning of the recording, whose sound follows that of the one before. */
function cutSound(
  { fragments }: Recording,
  track: RecordedTrack,
  fromS: number | null,
  toS: number,
): TrackSpan | null {
  const from = fromS === null ? Number.NEGATIVE_INFINITY : fromS * track.timescale;
  const to = toS * track.timescale;
  return spanOf(
    track,
    samplesOf(fragments, track.id).filter(({ time }) => time >= from && time < to),
  );
}

function spanOf(track: RecordedTrack, samples: readonly Sample[]): TrackSpan | null {
  const [first, last] = [samples[0], samples.at(-1)];
  if (first === undefined || last === undefined) return null;
  return { track, from: first.time, to: last.time + 1, end: last.time + last.duration };
}
