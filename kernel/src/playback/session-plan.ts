/** Which parts does a review session have, and which headers do they need? */
import { fragmentedHeader } from '../media/mp4-movie.ts';
import { openPieces, reportOf, requireFootage, type FootageReport, type LocateFootage } from './footage.ts';
import { isSame, layoutOf, type Layout } from './layout.ts';
import { partsOf, type Part } from './parts.ts';
import { playlistText, type ListedPart } from './playlist.ts';
import { createSplicer } from './splice.ts';
import type { Piece, Window } from './window.ts';

export interface SessionPlan {
  readonly headers: readonly Buffer[];
  readonly parts: readonly Part[];
  readonly playlist: string;
  /** How much it begins before what was asked for, s. */
  readonly leadS: number;
  readonly report: FootageReport;
}

/** Long enough that a list of two hours stays short, short enough that a jump loads little. */
const partTargetS = 4;

/** @throws HeldarError `not_found` when nothing of the window is readable. */
export async function planSession(
  pieces: readonly Piece[],
  window: Window,
  locate: LocateFootage,
  signal?: AbortSignal,
): Promise<SessionPlan> {
  const splicer = createSplicer();
  const layouts: Layout[] = [];
  const parts: Part[] = [];
  const listed: ListedPart[] = [];
  const opened: Piece[] = [];
  const skipped: FootageReport['skipped'][number][] = [];
  let leadMs = 0;
  for await (const { piece, cut } of openPieces(pieces, locate, (one) => skipped.push(one), signal)) {
    const { tracks } = cut.recording;
    const known = layouts.findIndex((layout) => isSame(layout, tracks));
    const number = known === -1 ? layouts.push(layoutOf(tracks)) - 1 : known;
    const own = partsOf(splicer.place(cut), layouts[number] ?? [], partTargetS);
    if (opened.length === 0) leadMs = cut.leadMs;
    const recordedAt = piece.from - Math.round(cut.leadMs);
    for (const [index, part] of own.entries())
      listed.push({
        durationS: part.durationS,
        layout: number,
        recordedAt: index === 0 ? recordedAt : null,
      });
    parts.push(...own);
    opened.push(piece);
  }
  requireFootage(opened, skipped);
  return {
    headers: layouts.map(fragmentedHeader),
    parts,
    playlist: playlistText(listed, leadMs / 1000),
    leadS: leadMs / 1000,
    report: reportOf(window, opened, skipped),
  };
}
