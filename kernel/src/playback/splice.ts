/** Where on a common timeline does each cut go, so that one follows the other without an overlap? */
import type { RecordedTrack } from '../media/recorded-samples.ts';
import type { Cut, TrackSpan } from './cut.ts';

/** A cut with its place. */
export interface Placed {
  readonly cut: Cut;
  /** To be added to the times of the samples of each span, ticks of its track. */
  readonly offsets: readonly number[];
}

/** Sound may go on this much longer than the pictures before what follows is moved back, s. */
const longerSoundS = 0.05;

/** Places cuts one after another from 0 on; holes between them are closed. */
export function createSplicer(): { place(cut: Cut): Placed } {
  /** Where what was placed last ends, s. */
  const ends: Record<RecordedTrack['kind'], number> = { video: 0, audio: 0 };
  return {
    place(cut) {
      const [video, audio] = cut.spans;
      // Only at the very beginning there is nothing that sound which comes first could follow.
      const earlierSoundS =
        ends.video === 0 && audio !== undefined ? Math.max(0, startS(video) - startS(audio)) : 0;
      const begin = Math.max(ends.video, ends.audio - longerSoundS, earlierSoundS);
      const offsets = cut.spans.map((span) => {
        const { kind, timescale } = span.track;
        const offset = offsetOf(span, begin - startS(video), ends[kind]);
        ends[kind] = (span.end + offset) / timescale;
        return offset;
      });
      return { cut, offsets };
    },
  };
}

function startS({ from, track }: TrackSpan): number {
  return from / track.timescale;
}

/** Sound stays with its pictures, but for what would overlap the sound before. */
function offsetOf({ track, from }: TrackSpan, shiftS: number, endS: number): number {
  return Math.max(Math.round(shiftS * track.timescale), Math.round(endS * track.timescale) - from);
}
