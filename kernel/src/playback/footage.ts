/** How the segments of a window are opened: each cut to it, those that can't be read left out with a note. */
import { HeldarError, messageOf } from '../errors.ts';
import { readRecording } from '../media/mp4-fragments.ts';
import type { SegmentRow } from '../store/segment-queries.ts';
import { cutRecording, type Cut } from './cut.ts';
import type { Range } from './timeline.ts';
import { coverageOf, holesIn, type Piece, type Window } from './window.ts';

/** The absolute path of a segment's file; null when its root is not known here. */
export type LocateFootage = (segment: Pick<SegmentRow, 'root' | 'path'>) => string | null;

export interface CutPiece {
  readonly piece: Piece;
  readonly cut: Cut;
}

export interface SkippedSegment {
  readonly segmentId: string;
  readonly start: number;
  readonly end: number;
  readonly reason: string;
}

/** What of a window could be had. */
export interface FootageReport {
  readonly covered: readonly Range[];
  readonly holes: readonly Range[];
  readonly skipped: readonly SkippedSegment[];
}

/** Reads piece after piece, so that no more than one has to be in memory. A piece without a picture is none. */
export async function* openPieces(
  pieces: readonly Piece[],
  locate: LocateFootage,
  onSkipped: (skipped: SkippedSegment) => void,
  signal?: AbortSignal,
): AsyncGenerator<CutPiece> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    const { segment } = piece;
    const skip = (reason: string) =>
      onSkipped({ segmentId: segment.id, start: piece.from, end: piece.to, reason });
    try {
      const path = locate(segment);
      if (path === null) {
        skip(`its recordings root '${segment.root}' is not known`);
        continue;
      }
      const recording = await readRecording(path);
      const cut = cutRecording(recording, piece.from - segment.startTime, piece.to - segment.startTime);
      if (cut !== null) yield { piece, cut };
    } catch (error) {
      const reason = unreadable(error);
      if (reason === null) throw error;
      skip(reason);
    }
  }
}

/** What is wrong with the file, without saying where it lies; null: the fault is not the file's. */
function unreadable(error: unknown): string | null {
  if (error instanceof RangeError) return `its file is not readable: ${messageOf(error)}`;
  switch ((error as NodeJS.ErrnoException).code) {
    case 'ENOENT':
      return 'its file is not there';
    case 'EACCES':
    case 'EPERM':
    case 'EIO':
      return 'its file can not be read';
    default:
      return null;
  }
}

export function reportOf(
  window: Window,
  opened: readonly Piece[],
  skipped: readonly SkippedSegment[],
): FootageReport {
  const covered = coverageOf(opened);
  return { covered, holes: holesIn(covered, window), skipped };
}

/** @throws HeldarError `not_found` saying why nothing of what is indexed could be used. */
export function requireFootage(opened: readonly unknown[], skipped: readonly SkippedSegment[]): void {
  if (opened.length > 0) return;
  const [first] = skipped;
  throw new HeldarError(
    'not_found',
    first === undefined
      ? 'no picture was recorded in that window'
      : `none of the segments in that window is readable; of ${first.segmentId}: ${first.reason}`,
  );
}
