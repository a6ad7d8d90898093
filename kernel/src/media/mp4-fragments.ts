/** Which samples does a recording hold, and where do they lie? Reads the headers of its fragments, and leaves the media data out. */
import { open } from 'node:fs/promises';
import { readBoxes, readBoxHeader, type Box, type RangeReader } from './mp4-boxes.ts';
import { readTracks } from './mp4-recorded-tracks.ts';
import { listedFragments } from './mp4-sample-table.ts';
import type { Fragment, RecordedTrack, Recording, Sample } from './recorded-samples.ts';

/** A header larger than this belongs to no recording of ours. */
const maxHeaderBytes = 16 * 1024 * 1024;
/** What is read at once where a header is expected: most are smaller, and so cost one read each. */
const readAheadBytes = 8 * 1024;

/**
 * Reads a fragmented file, also one that is still written or was cut short: fragments whose data is not all there do not count. A plain
 * file is read like one.
 * @throws RangeError when it is no MP4 file, or holds no video.
 */
export async function readRecording(path: string): Promise<Recording> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = readAhead(async (position, length) => {
      const bytes = Buffer.allocUnsafe(Math.min(length, size - position));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
      if (bytesRead < bytes.length) throw new RangeError(`the file ends at byte ${position + bytesRead}`);
      return bytes;
    });
    return { path, ...(await readAll(read, size)) };
  } finally {
    await file.close();
  }
}

async function readAll(read: RangeReader, sizeBytes: number): Promise<Omit<Recording, 'path'>> {
  let movie: Box[] = [];
  let tracks: RecordedTrack[] = [];
  const fragments: Fragment[] = [];
  let moof: { position: number; boxes: Box[] } | null = null;
  for (let position = 0; position + 8 <= sizeBytes;) {
    const { type, headerBytes, boxBytes } = await readBoxHeader(read, position, sizeBytes);
    if (position === 0 && type !== 'ftyp') throw new RangeError('it does not begin like an MP4 file');
    const end = position + boxBytes;
    if (end > sizeBytes) break;
    if (type === 'moov' || type === 'moof') {
      if (boxBytes > maxHeaderBytes) throw new RangeError(`its ${type} box has ${boxBytes} bytes`);
      const boxes = readBoxes(await read(position + headerBytes, boxBytes - headerBytes));
      if (type === 'moov') {
        movie = boxes;
        tracks = readTracks(boxes);
      } else moof = { position, boxes };
    }
    if (type === 'mdat' && moof !== null) {
      fragments.push(readFragment(moof.boxes, tracks, moof.position, end));
      moof = null;
    }
    position = end;
  }
  if (tracks[0]?.kind !== 'video') throw new RangeError('it has no movie header with video');
  if (fragments.length > 0) return { tracks, fragments, isFragmented: true };
  const listed = listedFragments(movie, tracks).filter(({ endPosition }) => endPosition <= sizeBytes);
  return { tracks, fragments: listed, isFragmented: false };
}

/** The fragments in bytes that begin with one, and lie in their file from `position` on. */
export function fragmentsIn(bytes: Buffer, position: number, tracks: readonly RecordedTrack[]): Fragment[] {
  const fragments: Fragment[] = [];
  let moof: Box[] | null = null;
  let moofStart = 0;
  for (let start = 0; start + 8 <= bytes.length;) {
    const [box] = readBoxes(bytes.subarray(start));
    if (box === undefined) break;
    const end = box.data.byteOffset + box.data.length - bytes.byteOffset;
    if (box.type === 'moof') {
      moof = box.children();
      moofStart = start;
    } else if (box.type === 'mdat' && moof !== null) {
      fragments.push(readFragment(moof, tracks, position + moofStart, position + end));
      moof = null;
    }
    start = end;
  }
  return fragments;
}

/** Answers reads out of what the one before brought with it. */
function readAhead(read: RangeReader): RangeReader {
  let start = 0;
  let bytes: Buffer = Buffer.alloc(0);
  return async (position, length) => {
    if (position < start || position + length > start + bytes.length) {
      bytes = await read(position, Math.max(length, readAheadBytes));
      start = position;
      if (bytes.length < length) throw new RangeError(`the file ends at byte ${start + bytes.length}`);
    }
    return bytes.subarray(position - start, position - start + length);
  };
}

const tfhd = { dataOffset: 0x1, entry: 0x2, duration: 0x8, size: 0x10, flags: 0x20 } as const;
const trun = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  shift: 0x800,
} as const;
/** Of a sample's flags: it depends on others. */
const isDependent = 0x10000;

/** What a fragment says once for all of its samples. */
interface Defaults {
  readonly trackId: number;
  /** Where positions count from. */
  readonly base: number;
  readonly duration: number;
  readonly size: number;
  readonly flags: number;
}

function readFragment(
  moof: readonly Box[],
  tracks: readonly RecordedTrack[],
  position: number,
  endPosition: number,
): Fragment {
  const samples = new Map<number, Sample[]>();
  for (const traf of moof) {
    const header = traf.type === 'traf' ? traf.find('tfhd') : undefined;
    if (header === undefined) continue;
    const defaults = readDefaults(header.data, position);
    const delay = tracks.find(({ id }) => id === defaults.trackId)?.delay ?? 0;
    let time = readStart(traf.find('tfdt')?.data) + delay;
    let at = defaults.base;
    const run: Sample[] = [];
    for (const child of traf.children()) {
      if (child.type !== 'trun') continue;
      const read = readRun(child.data, defaults, time, at);
      run.push(...read);
      const last = read.at(-1);
      if (last === undefined) continue;
      time = last.time + last.duration;
      at = last.position + last.sizeBytes;
    }
    samples.set(defaults.trackId, run);
  }
  return { position, endPosition, samples };
}

function readDefaults(data: Buffer, moofPosition: number): Defaults {
  const flags = data.readUIntBE(1, 3);
  let at = 8;
  const next = (flag: number, bytes: number, otherwise: number) => {
    if ((flags & flag) === 0) return otherwise;
    at += bytes;
    return bytes === 8 ? Number(data.readBigUInt64BE(at - 8)) : data.readUInt32BE(at - 4);
  };
  const base = next(tfhd.dataOffset, 8, moofPosition);
  next(tfhd.entry, 4, 1);
  return {
    trackId: data.readUInt32BE(4),
    base,
    duration: next(tfhd.duration, 4, 0),
    size: next(tfhd.size, 4, 0),
    flags: next(tfhd.flags, 4, 0),
  };
}

function readStart(data: Buffer | undefined): number {
  if (data === undefined) return 0;
  return data[0] === 1 ? Number(data.readBigUInt64BE(4)) : data.readUInt32BE(4);
}

function readRun(data: Buffer, defaults: Defaults, startTime: number, startPosition: number): Sample[] {
  const present = data.readUIntBE(1, 3);
  const has = (flag: number) => (present & flag) !== 0;
  const count = data.readUInt32BE(4);
  let at = 8;
  const next = (flag: number, otherwise: number) => {
    if (!has(flag)) return otherwise;
    at += 4;
    return data.readUInt32BE(at - 4);
  };
  const samples: Sample[] = [];
  let time = startTime;
  let position = startPosition;
  if (has(trun.dataOffset)) {
    position = defaults.base + data.readInt32BE(at);
    at += 4;
  }
  const firstFlags = next(trun.firstFlags, defaults.flags);
  for (let index = 0; index < count; index += 1) {
    const duration = next(trun.duration, defaults.duration);
    const sizeBytes = next(trun.size, defaults.size);
    const flags = next(trun.flags, index === 0 ? firstFlags : defaults.flags);
    // In version 0 it is not signed, but never that large.
    const shift = next(trun.shift, 0) | 0;
    samples.push({ position, sizeBytes, time, duration, shift, isKey: (flags & isDependent) === 0 });
    time += duration;
    position += sizeBytes;
  }
  return samples;
}
