/** How a movie header is written: in front of fragments, or of all media data with a table of where each sample lies. */
import { box, fullBox, i32s, i64, i64s, mdatHeader, text, u16, u32, u32s } from './mp4-write.ts';

export interface MovieTrack {
  /** From 1. */
  readonly id: number;
  readonly kind: 'video' | 'audio';
  /** Ticks a second. */
  readonly timescale: number;
  /** Boxes of sample entries; samples name theirs by its number, from 1. */
  readonly entries: readonly Buffer[];
  /** Pixels; 0 for audio. */
  readonly width: number;
  readonly height: number;
}

/** What a player learns of a track whose samples are all in the file. */
export interface TrackTable {
  readonly track: MovieTrack;
  /** In decoding order. */
  readonly samples: readonly TableSample[];
  /** Of each sample: ticks until the next is decoded. */
  readonly durations: readonly number[];
  readonly chunks: readonly Chunk[];
  /** From where on it is shown. */
  readonly edit: Edit;
}

export interface TableSample {
  readonly sizeBytes: number;
  readonly shift: number;
  readonly isKey: boolean;
}

/** Samples of one track that lie one behind another. */
export interface Chunk {
  /** From the start of the media data. */
  readonly position: number;
  readonly samples: number;
  /** Of the sample entry. */
  readonly entry: number;
}

export interface Edit {
  /** How long nothing is shown first, in ticks of the movie. */
  readonly empty: number;
  /** The first moment that is shown, counted from the first sample's decoding, in ticks of the track. */
  readonly from: number;
  /** Ticks of the movie. */
  readonly duration: number;
}

/** What players need before the first fragment. */
export function fragmentedHeader(tracks: readonly MovieTrack[]): Buffer {
  const timescale = 1000;
  const defaults = tracks.map(({ id }) => fullBox('trex', 0, 0, u32(id, 1, 0, 0, 0)));
  return Buffer.concat([
    box('ftyp', text('iso6'), u32(0), text('iso6cmfcmp41')),
    box(
      'moov',
      movieHeader(timescale, 0, tracks.length),
      ...tracks.map((track) => trackBox(track, 0, null, emptyTable(track))),
      box('mvex', ...defaults),
    ),
  ]);
}

/** What stands in front of all media data. `timescale`: ticks of the movie a second. */
export function wholeHeader(tables: readonly TrackTable[], timescale: number, dataBytes: number): Buffer {
  const shownTicks = ({ edit }: TrackTable) => edit.empty + edit.duration;
  const duration = Math.max(...tables.map(shownTicks));
  // Long, and the same wherever the media data begins.
  const listed = tables.map((table) => ({ table, lists: sampleLists(table) }));
  const make = (dataStart: number) =>
    Buffer.concat([
      box('ftyp', text('isom'), u32(0x200), text('isomiso2avc1mp41')),
      box(
        'moov',
        movieHeader(timescale, duration, tables.length),
        ...listed.map(({ table, lists }) =>
          trackBox(
            table.track,
            shownTicks(table),
            table,
            box('stbl', lists, chunkList(table.chunks, dataStart)),
          ),
        ),
      ),
    ]);
  // Positions take as many bytes whatever they are.
  return make(make(0).length + mdatHeader(dataBytes).length);
}

const unityMatrix = u32(0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000);

function movieHeader(timescale: number, duration: number, tracks: number): Buffer {
  const rateAndVolume = Buffer.concat([u32(0x10000), u16(0x100, 0), u32(0, 0)]);
  return fullBox(
    'mvhd',
    1,
    0,
    i64(0, 0),
    u32(timescale),
    i64(duration),
    rateAndVolume,
    unityMatrix,
    u32(0, 0, 0, 0, 0, 0, tracks + 1),
  );
}

function trackBox(track: MovieTrack, shownTicks: number, table: TrackTable | null, stbl: Buffer): Buffer {
  const isVideo = track.kind === 'video';
  const ticks = table === null ? 0 : table.durations.reduce((sum, duration) => sum + duration, 0);
  // Enabled, and part of the movie.
  const tkhd = fullBox(
    'tkhd',
    1,
    3,
    i64(0, 0),
    u32(track.id, 0),
    i64(shownTicks),
    u32(0, 0),
    u16(0, 0, isVideo ? 0 : 0x100, 0),
    unityMatrix,
    u32(track.width * 0x10000, track.height * 0x10000),
  );
  const undetermined = 0x55c4;
  const mdhd = fullBox('mdhd', 1, 0, i64(0, 0), u32(track.timescale), i64(ticks), u16(undetermined, 0));
  const handler = isVideo ? 'vide' : 'soun';
  const hdlr = fullBox('hdlr', 0, 0, u32(0), text(handler), u32(0, 0, 0), text(`${track.kind}\0`));
  const media = isVideo ? fullBox('vmhd', 0, 1, u32(0, 0)) : fullBox('smhd', 0, 0, u32(0));
  const here = box('dinf', fullBox('dref', 0, 0, u32(1), fullBox('url ', 0, 1)));
  const edits = table === null ? [] : [box('edts', editList(table.edit))];
  return box('trak', tkhd, ...edits, box('mdia', mdhd, hdlr, box('minf', media, here, stbl)));
}

function editList({ empty, from, duration }: Edit): Buffer {
  const rate = u32(0x10000);
  const lead = empty > 0 ? [i64(empty, -1), rate] : [];
  return fullBox('elst', 1, 0, u32(empty > 0 ? 2 : 1), ...lead, i64(duration, from), rate);
}

function sampleEntries({ entries }: MovieTrack): Buffer {
  return fullBox('stsd', 0, 0, u32(entries.length), ...entries);
}

function emptyTable(track: MovieTrack): Buffer {
  const none = u32(0);
  return box(
    'stbl',
    sampleEntries(track),
    fullBox('stts', 0, 0, none),
    fullBox('stsc', 0, 0, none),
    fullBox('stsz', 0, 0, none, none),
    fullBox('stco', 0, 0, none),
  );
}

function sampleLists({ track, samples, durations, chunks }: TrackTable): Buffer {
  const keys = samples.flatMap(({ isKey }, index) => (isKey ? [index + 1] : []));
  const durationRuns = runLengths(durations);
  const shifts = runLengths(samples.map(({ shift }) => shift));
  const sizes = samples.map(({ sizeBytes }) => sizeBytes);
  const perChunk = chunkRuns(chunks);
  const hasShifts = samples.some(({ shift }) => shift !== 0);
  return Buffer.concat([
    sampleEntries(track),
    fullBox('stts', 0, 0, u32(durationRuns.length / 2), u32s(durationRuns)),
    ...(hasShifts ? [fullBox('ctts', 1, 0, u32(shifts.length / 2), i32s(shifts))] : []),
    // Without this box every sample is a key.
    ...(keys.length < samples.length ? [fullBox('stss', 0, 0, u32(keys.length), u32s(keys))] : []),
    fullBox('stsc', 0, 0, u32(perChunk.length / 3), u32s(perChunk)),
    fullBox('stsz', 0, 0, u32(0, sizes.length), u32s(sizes)),
  ]);
}

function chunkList(chunks: readonly Chunk[], dataStart: number): Buffer {
  const positions = chunks.map(({ position }) => dataStart + position);
  return fullBox('co64', 0, 0, u32(positions.length), i64s(positions));
}

/** Pairs: how often in a row, which value. */
function runLengths(values: readonly number[]): number[] {
  const pairs: number[] = [];
  let count = 0;
  for (const [index, value] of values.entries()) {
    count += 1;
    if (values[index + 1] === value) continue;
    pairs.push(count, value);
    count = 0;
  }
  return pairs;
}

/** Triples: from which chunk on, samples in each, their sample entry. */
function chunkRuns(chunks: readonly Chunk[]): number[] {
  return chunks.flatMap(({ samples, entry }, index) => {
    const before = chunks[index - 1];
    return before?.samples === samples && before.entry === entry ? [] : [index + 1, samples, entry];
  });
}
