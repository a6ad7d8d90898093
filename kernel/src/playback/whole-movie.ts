/** How cuts become one MP4 file that begins exactly where it was asked to: the header, and where its media data is to be read. */
import type { Fragment, Sample } from '../media/recorded-samples.ts';
import { wholeHeader, type Edit, type TrackTable } from '../media/mp4-movie.ts';
import { mdatHeader } from '../media/mp4-write.ts';
import { samplesWithin, shownAt } from './cut.ts';
import { entryNumber, type Layout } from './layout.ts';
import type { Placed } from './splice.ts';

/** Bytes of a recording. */
export interface FileRange {
  readonly path: string;
  readonly position: number;
  readonly sizeBytes: number;
}

export interface WholeMovie {
  readonly header: Buffer;
  /** What follows the header, in order. */
  readonly ranges: readonly FileRange[];
  readonly sizeBytes: number;
}

/** Samples of one track that lie together in a recording. */
interface SourceChunk {
  readonly path: string;
  readonly position: number;
  readonly sizeBytes: number;
  readonly trackId: number;
  readonly entry: number;
  readonly samples: readonly Sample[];
  /** To be added to their times. */
  readonly offset: number;
}

/**
 * Everything stays in the order it has in the recordings, so that it is read and written in long runs. An hour has some hundred thousand
 * samples: the event loop gets its turns in between.
 */
export async function buildWholeMovie(placed: readonly Placed[], layout: Layout): Promise<WholeMovie> {
  const chunks: SourceChunk[] = [];
  for (const one of placed) {
    chunks.push(...chunksOf(one, layout));
    await turn();
  }
  const positions = new Map<SourceChunk, number>();
  const ranges: FileRange[] = [];
  let dataBytes = 0;
  for (const chunk of chunks) {
    positions.set(chunk, dataBytes);
    appendRange(ranges, chunk);
    dataBytes += chunk.sizeBytes;
  }
  const timescale = layout[0]?.timescale ?? 1000;
  const shown = shownSpan(placed);
  const tables: TrackTable[] = [];
  for (const track of layout) {
    await turn();
    const own = chunks.filter(({ trackId }) => trackId === track.id);
    const samples = own.flatMap((chunk) => chunk.samples);
    tables.push({
      track,
      samples,
      durations: durationsOf(own),
      chunks: own.map((chunk) => ({
        position: positions.get(chunk) ?? 0,
        samples: chunk.samples.length,
        entry: chunk.entry,
      })),
      edit: editOf(own[0], track.timescale, shown, timescale),
    });
  }
  await turn();
  const header = Buffer.concat([wholeHeader(tables, timescale, dataBytes), mdatHeader(dataBytes)]);
  return { header, ranges, sizeBytes: header.length + dataBytes };
}

const turn = () => new Promise((resolve) => setImmediate(resolve));

function chunksOf({ cut, offsets }: Placed, layout: Layout): SourceChunk[] {
  const { path, fragments } = cut.recording;
  const chunks: SourceChunk[] = [];
  for (const fragment of fragments)
    for (const [index, span] of cut.spans.entries()) {
      const offset = offsets[index] ?? 0;
      const entry = entryNumber(layout, span.track);
      for (const samples of contiguous(samplesWithin([fragment] satisfies Fragment[], span))) {
        const [first] = samples;
        const trackId = layout.find(({ kind }) => kind === span.track.kind)?.id;
        if (first === undefined || trackId === undefined) continue;
        const sizeBytes = samples.reduce((sum, sample) => sum + sample.sizeBytes, 0);
        chunks.push({ path, position: first.position, sizeBytes, trackId, entry, samples, offset });
      }
    }
  return chunks.sort((a, b) => a.position - b.position);
}

function contiguous(samples: readonly Sample[]): Sample[][] {
  const runs: Sample[][] = [];
  let end = -1;
  for (const sample of samples) {
    const last = runs.at(-1);
    if (last !== undefined && sample.position === end) last.push(sample);
    else runs.push([sample]);
    end = sample.position + sample.sizeBytes;
  }
  return runs;
}

function appendRange(ranges: FileRange[], { path, position, sizeBytes }: FileRange): void {
  const last = ranges.at(-1);
  if (last?.path === path && last.position + last.sizeBytes === position)
    ranges[ranges.length - 1] = { ...last, sizeBytes: last.sizeBytes + sizeBytes };
  else ranges.push({ path, position, sizeBytes });
}

/** A sample lasts until the next one: what is between two recordings is the last sample's. */
function durationsOf(chunks: readonly SourceChunk[]): number[] {
  const durations: number[] = [];
  let last: { time: number; duration: number } | null = null;
  for (const { samples, offset } of chunks)
    for (const sample of samples) {
      const time = sample.time + offset;
      if (last !== null) durations.push(Math.max(0, time - last.time));
      last = { time, duration: sample.duration };
    }
  if (last !== null) durations.push(last.duration);
  return durations;
}

/** From when until when something is to be shown, on the common timeline, s. */
function shownSpan(placed: readonly Placed[]): { fromS: number; toS: number } {
  const [first, last] = [placed[0], placed.at(-1)];
  if (first === undefined || last === undefined) return { fromS: 0, toS: 0 };
  const [video] = first.cut.spans;
  const [lastVideo] = last.cut.spans;
  return {
    fromS: (first.cut.shownFrom + (first.offsets[0] ?? 0)) / video.track.timescale,
    toS: (last.cut.shownTo + (last.offsets[0] ?? 0)) / lastVideo.track.timescale,
  };
}

/** Shows what is between `fromS` and `toS`, though the track may begin earlier, with a key frame, or later. */
function editOf(
  firstChunk: SourceChunk | undefined,
  trackScale: number,
  { fromS, toS }: { fromS: number; toS: number },
  movieScale: number,
): Edit {
  const first = firstChunk?.samples[0];
  if (firstChunk === undefined || first === undefined) return { empty: 0, from: 0, duration: 0 };
  const startS = (shownAt(first) + firstChunk.offset) / trackScale;
  const emptyS = Math.max(0, startS - fromS);
  return {
    empty: Math.round(emptyS * movieScale),
    from: Math.round(Math.max(fromS, startS) * trackScale) - (first.time + firstChunk.offset),
    duration: Math.max(0, Math.round((toS - fromS - emptyS) * movieScale)),
  };
}
