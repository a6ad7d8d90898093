/** Is a window of time one that may be exported, and which segments overlap it? */
import { formatRfc3339, type Instant } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { listSegments } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { piecesOf, type Piece, type Window } from './window.ts';

export interface AskedWindow {
  readonly from: Instant;
  readonly to: Instant;
}

/** Of the longest session in the shortest segments: no window has more. */
const maxSegments = 20_000;

/** The window in ms. @throws HeldarError `bad_request` naming the member that is wrong. */
export function checkWindow({ from, to }: AskedWindow, maxSeconds: number): Window {
  const seconds = secondsBetween(from, to);
  if (!(seconds > 0)) throw new HeldarError('bad_request', 'to: must be later than from');
  if (seconds > maxSeconds)
    throw new HeldarError(
      'bad_request',
      `to: the window has ${seconds} s; at most ${maxSeconds} s can be asked for at once`,
    );
  // Nanoseconds are finer than footage is.
  return { from: from.ms, to: to.ms + Number(to.ns > 0) };
}

export function secondsBetween(from: Instant, to: Instant): number {
  return (to.ms - from.ms) / 1000 + (to.ns - from.ns) / 1e9;
}

export interface WindowFootage {
  readonly segmentIds: readonly string[];
  readonly pieces: readonly Piece[];
}

/** @throws HeldarError `not_found` when no segment overlaps the window. */
export function footageOf(store: Pick<Store, 'read'>, cameraId: string, window: Window): WindowFootage {
  const segments = listSegments(store.read, cameraId, window, maxSegments);
  if (segments.length === 0)
    throw new HeldarError(
      'not_found',
      `nothing was recorded between ${formatRfc3339(window.from)} and ${formatRfc3339(window.to)}`,
    );
  return { segmentIds: segments.map(({ id }) => id), pieces: piecesOf(segments, window) };
}
