/** How a cut is divided into parts that a player can take one by one, and what the bytes of one are. */
import { open } from 'node:fs/promises';
import { fragmentHeader, type FragmentRun } from '../media/mp4-fragment-header.ts';
import { fragmentsIn, readRecording } from '../media/mp4-fragments.ts';
import type { Fragment } from '../media/recorded-samples.ts';
import { samplesWithin, type TrackSpan } from './cut.ts';
import { entryNumber, trackIdOf, type Layout } from './layout.ts';
import type { Placed } from './splice.ts';

/** Some seconds that begin with a key frame; the media data stays in the recording until it is asked for. */
export interface Part {
  readonly path: string;
  /** The fragments it is in: the bytes they are in, and which of the recording they are. */
  readonly position: number;
  readonly endPosition: number;
  readonly fragments: { readonly from: number; readonly count: number };
  readonly isFragmented: boolean;
  readonly spans: readonly PartSpan[];
  readonly durationS: number;
}

interface PartSpan {
  readonly span: TrackSpan;
  /** To be added to its times. */
  readonly offset: number;
  /** Of the sample entry. */
  readonly entry: number;
}

/** Parts of at least `targetS` each, as far as key frames allow. */
export function partsOf({ cut, offsets }: Placed, layout: Layout, targetS: number): Part[] {
  const [video] = cut.spans;
  const { timescale } = video.track;
  const spans = cut.spans.map((span, index) => ({
    span,
    offset: offsets[index] ?? 0,
    entry: entryNumber(layout, span.track),
  }));
  return groupsOf(cut.recording.fragments, cut.spans, targetS).map(({ fragments, first, from, to }) => ({
    path: cut.recording.path,
    position: Math.min(...fragments.map(({ position }) => position)),
    endPosition: Math.max(...fragments.map(({ endPosition }) => endPosition)),
    fragments: { from: first, count: fragments.length },
    isFragmented: cut.recording.isFragmented,
    spans,
    durationS: (to - from) / timescale,
  }));
}

interface Group {
  readonly fragments: Fragment[];
  /** Number of the first, from 0. */
  readonly first: number;
  /** When its first picture is decoded, and the one behind its last, ticks. */
  readonly from: number;
  readonly to: number;
}

function groupsOf(all: readonly Fragment[], spans: Placed['cut']['spans'], targetS: number): Group[] {
  const [video] = spans;
  const targetTicks = targetS * video.track.timescale;
  const groups: { fragments: Fragment[]; first: number; from: number }[] = [];
  for (const [index, fragment] of all.entries()) {
    if (spans.every((span) => samplesWithin([fragment], span).length === 0)) continue;
    const [picture] = samplesWithin([fragment], video);
    const last = groups.at(-1);
    const isDue = last !== undefined && picture?.isKey === true && picture.time - last.from >= targetTicks;
    if (last === undefined || isDue)
      groups.push({ fragments: [fragment], first: index, from: picture?.time ?? video.from });
    else last.fragments.push(fragment);
  }
  return groups.map((group, index) => ({ ...group, to: groups[index + 1]?.from ?? video.end }));
}

/** One fragment with all that is of the part. `sequence`: its number in what is sent, from 1. */
export async function renderPart(part: Part, sequence: number): Promise<Buffer> {
  const bytes = await readRange(part.path, part.position, part.endPosition - part.position);
  const fragments = await fragmentsOf(part, bytes);
  const runs: FragmentRun[] = [];
  const data: Buffer[] = [];
  for (const { span, offset, entry } of part.spans) {
    const samples = samplesWithin(fragments, span);
    const [first] = samples;
    if (first === undefined) continue;
    runs.push({ trackId: trackIdOf(span.track.kind), entry, time: first.time + offset, samples });
    for (const { position, sizeBytes } of samples)
      data.push(bytes.subarray(position - part.position, position - part.position + sizeBytes));
  }
  return Buffer.concat([fragmentHeader(sequence, runs), ...data]);
}

/** A plain file says nothing of its samples where they lie: its movie header is read again. */
async function fragmentsOf(part: Part, bytes: Buffer): Promise<readonly Fragment[]> {
  if (part.isFragmented)
    return fragmentsIn(
      bytes,
      part.position,
      part.spans.map(({ span }) => span.track),
    );
  const { from, count } = part.fragments;
  return (await readRecording(part.path)).fragments.slice(from, from + count);
}

async function readRange(path: string, position: number, length: number): Promise<Buffer> {
  const file = await open(path, 'r');
  try {
    const bytes = Buffer.allocUnsafeSlow(length);
    const { bytesRead } = await file.read(bytes, 0, length, position);
    if (bytesRead < length) throw new RangeError(`the file ends at byte ${position + bytesRead}`);
    return bytes;
  } finally {
    await file.close();
  }
}
