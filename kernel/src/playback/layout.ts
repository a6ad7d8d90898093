/** Which tracks has a movie that is made of several recordings, and which recordings fit into one? */
import type { RecordedTrack } from '../media/recorded-samples.ts';
import type { MovieTrack } from '../media/mp4-movie.ts';

/** Track 1 is the video, track 2 the sound. */
export type Layout = readonly MovieTrack[];

type Tracks = readonly RecordedTrack[];

export function layoutOf(tracks: Tracks): Layout {
  return withTracks([], tracks);
}

/** The same coding, size and timescale in all tracks that both have. */
export function fits(layout: Layout, tracks: Tracks): boolean {
  return tracks.every((track) => {
    const own = layout.find(({ kind }) => kind === track.kind);
    return own === undefined || formatOf(own, own.entries[0]) === formatOf(track, track.entry);
  });
}

/** The layout with the sample entries of these tracks too, which must fit. */
export function withTracks(layout: Layout, tracks: Tracks): Layout {
  return tracks.reduce<Layout>((made, track) => {
    const own = made.find(({ kind }) => kind === track.kind);
    if (own?.entries.some((entry) => entry.equals(track.entry))) return made;
    const { kind, timescale, width, height } = track;
    const entries = [...(own?.entries ?? []), track.entry];
    const extended = { id: trackIdOf(kind), kind, timescale, entries, width, height };
    return [...made.filter((other) => other !== own), extended].sort((a, b) => a.id - b.id);
  }, layout);
}

/** Exactly this coding, so that the same header serves. */
export function isSame(layout: Layout, tracks: Tracks): boolean {
  return (
    layout.length === tracks.length &&
    fits(layout, tracks) &&
    tracks.every((track) => entryNumber(layout, track) > 0)
  );
}

export function trackIdOf(kind: RecordedTrack['kind']): number {
  return kind === 'video' ? 1 : 2;
}

/** From 1; 0 when the layout does not have it. */
export function entryNumber(layout: Layout, track: RecordedTrack): number {
  const own = layout.find(({ kind }) => kind === track.kind);
  return (own?.entries.findIndex((entry) => entry.equals(track.entry)) ?? -1) + 1;
}

/** For people: `avc1 1920x1080`. */
export function describeFormat(tracks: readonly (MovieTrack | RecordedTrack)[]): string {
  return tracks
    .map((track) => {
      const entry = 'entry' in track ? track.entry : track.entries[0];
      const coding = codingOf(entry);
      return track.kind === 'video' ? `${coding} ${track.width}x${track.height}` : coding;
    })
    .join(' with ');
}

function formatOf(
  { timescale, width, height }: Pick<RecordedTrack, 'timescale' | 'width' | 'height'>,
  entry: Buffer | undefined,
): string {
  return [codingOf(entry), timescale, width, height].join(' ');
}

/** The four letters of the sample entry. */
function codingOf(entry: Buffer | undefined): string {
  return entry?.toString('latin1', 4, 8) ?? 'unknown';
}
