/** How a clip is made of the pieces of a window: exact, as a whole file, or streamed, as fragments. */
import { open } from 'node:fs/promises';
import { formatRfc3339 } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { fragmentedHeader } from '../media/mp4-movie.ts';
import {
  openPieces,
  reportOf,
  requireFootage,
  type FootageReport,
  type LocateFootage,
  type SkippedSegment,
} from './footage.ts';
import { describeFormat, fits, withTracks, type Layout } from './layout.ts';
import { partsOf, renderPart } from './parts.ts';
import { createSplicer, type Placed } from './splice.ts';
import { buildWholeMovie, type FileRange } from './whole-movie.ts';
import type { Piece, Window } from './window.ts';

/** exact: begins with the picture asked for; streamed: with the key frame before it. */
export type StartMode = 'exact' | 'streamed';

export interface ClipMovie {
  /** How much it begins before what was asked for, s. */
  readonly leadS: number;
  readonly report: FootageReport;
  /** null: only known once all is sent. */
  readonly sizeBytes: number | null;
  /** The bytes of the file, read while they are taken. */
  bytes(): AsyncGenerator<Buffer>;
}

/** Fragments of a streamed clip last at least this long, s. */
const fragmentS = 2;

/**
 * @throws HeldarError `not_found` when nothing of the window is readable, `conflict` naming the time when coding or size of the picture
 * changes within it.
 */
export async function openClipMovie(
  pieces: readonly Piece[],
  window: Window,
  mode: StartMode,
  locate: LocateFootage,
  signal?: AbortSignal,
): Promise<ClipMovie> {
  const splicer = createSplicer();
  const placed: Placed[] = [];
  const opened: Piece[] = [];
  const skipped: SkippedSegment[] = [];
  let layout: Layout = [];
  for await (const { piece, cut } of openPieces(pieces, locate, (one) => skipped.push(one), signal)) {
    const { tracks } = cut.recording;
    if (!fits(layout, tracks)) throw formatChange(layout, describeFormat(tracks), piece.from);
    layout = withTracks(layout, tracks);
    placed.push(splicer.place(cut));
    opened.push(piece);
  }
  requireFootage(opened, skipped);
  const report = reportOf(window, opened, skipped);
  if (mode === 'exact') {
    const { header, ranges, sizeBytes } = await buildWholeMovie(placed, layout);
    return { leadS: 0, report, sizeBytes, bytes: () => wholeBytes(header, ranges) };
  }
  const parts = placed.flatMap((one) => partsOf(one, layout, fragmentS));
  return {
    leadS: (placed[0]?.cut.leadMs ?? 0) / 1000,
    report,
    sizeBytes: null,
    async *bytes() {
      yield fragmentedHeader(layout);
      for (const [index, part] of parts.entries()) yield await renderPart(part, index + 1);
    },
  };
}

function formatChange(layout: Layout, after: string, at: number): HeldarError {
  const time = formatRfc3339(at);
  return new HeldarError(
    'conflict',
    `the footage changes from ${describeFormat(layout)} to ${after} at ${time}; ask for a window that ends or begins there`,
  );
}

/** Read and written at once. */
const chunkBytes = 1024 * 1024;

async function* wholeBytes(header: Buffer, ranges: readonly FileRange[]): AsyncGenerator<Buffer> {
  yield header;
  for (const { path, position, sizeBytes } of ranges) {
    const file = await open(path, 'r');
    try {
      for (let done = 0; done < sizeBytes;) {
        // Of its own, since it is read by the socket while the next one is filled.
        const bytes = Buffer.allocUnsafeSlow(Math.min(chunkBytes, sizeBytes - done));
        const { bytesRead } = await file.read(bytes, 0, bytes.length, position + done);
        if (bytesRead === 0) throw new RangeError(`a recording ends before its byte ${position + done}`);
        done += bytesRead;
        yield bytes.subarray(0, bytesRead);
      }
    } finally {
      await file.close();
    }
  }
}
