/** What of a window of time was recorded, in which segments, and where are the holes? */
import type { SegmentRow } from '../store/segment-queries.ts';
import type { Range } from './timeline.ts';

/** ms since the epoch. */
export interface Window {
  readonly from: number;
  readonly to: number;
}

/** A segment and what of it belongs to the window. */
export interface Piece {
  readonly segment: SegmentRow;
  readonly from: number;
  readonly to: number;
}

/**
 * Cuts segments, ascending by start, to the window. Where two overlap (the clock was set back, or a start is only known to the
 * second) the earlier gives way: it can end anywhere, while the later has to begin with its first picture.
 */
export function piecesOf(segments: readonly SegmentRow[], { from, to }: Window): Piece[] {
  const pieces: Piece[] = [];
  for (const segment of segments) {
    const piece = { segment, from: Math.max(from, segment.startTime), to: Math.min(to, segment.endTime) };
    if (piece.to <= piece.from) continue;
    const last = pieces.at(-1);
    if (last !== undefined && last.to > piece.from) {
      // One that lies within the other, or begins with it, adds nothing.
      if (piece.to <= last.to || piece.from <= last.from) continue;
      pieces[pieces.length - 1] = { ...last, to: piece.from };
    }
    pieces.push(piece);
  }
  return pieces;
}

/** Pieces with no time between them, joined. */
export function coverageOf(pieces: readonly Pick<Piece, 'from' | 'to'>[]): Range[] {
  const ranges: Range[] = [];
  for (const { from, to } of pieces) {
    const last = ranges.at(-1);
    if (last !== undefined && from <= last.end) ranges[ranges.length - 1] = { start: last.start, end: to };
    else ranges.push({ start: from, end: to });
  }
  return ranges;
}

/** What of the window is not covered. */
export function holesIn(covered: readonly Range[], { from, to }: Window): Range[] {
  const edges = [from, ...covered.flatMap(({ start, end }) => [start, end]), to];
  const holes: Range[] = [];
  for (let index = 0; index + 1 < edges.length; index += 2) {
    const [start = to, end = to] = edges.slice(index, index + 2);
    if (end > start) holes.push({ start, end });
  }
  return holes;
}
