/** What does a recorded MP4 file hold? Reads the boxes that say so, by ranges, and leaves the media data out. */
import { open, type FileHandle } from 'node:fs/promises';
import { readBoxes, readBoxHeader, type Box, type RangeReader } from './mp4-boxes.ts';
import { findSequenceSet } from './sequence-set.ts';

export interface Mp4Info {
  readonly sizeBytes: number;
  /** Of the video; 0 when no whole fragment was written. */
  readonly durationMs: number;
  /** Pictures. */
  readonly frames: number;
  /** `h264`, `hevc`, or the sample entry's four letters. */
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Of the sequence parameter sets among the pictures, each that differs from the one before it; with two, the format changes midway. */
  readonly sequenceSets: readonly string[];
}

/** A picture that is shown for longer is a jump of the time stamps: it counts as long as the one before it. */
const longestPictureSeconds = 10;

interface VideoTrack {
  readonly id: number;
  readonly timescale: number;
  readonly codec: string | null;
  readonly width: number | null;
  readonly height: number | null;
  /** Ticks and samples that the movie header itself lists (plain MP4). */
  readonly ticks: number;
  readonly frames: number;
}

const codecNames: Readonly<Record<string, string>> = {
  avc1: 'h264',
  avc3: 'h264',
  hvc1: 'hevc',
  hev1: 'hevc',
  av01: 'av1',
  mp4v: 'mpeg4',
  vp09: 'vp9',
};

/** A header larger than this belongs to no recording of ours. */
const maxHeaderBytes = 16 * 1024 * 1024;

/**
 * Reads a plain or fragmented MP4 file, also one that was cut short: fragments whose data is not all there do not count.
 * @throws RangeError when the file is no MP4 file or has no readable movie header.
 */
export async function readMp4Info(path: string): Promise<Mp4Info> {
  const file = await open(path, 'r');
  try {
    const { size } = await file.stat();
    const read = readAhead(file);
    return await readInfo(read, size);
  } finally {
    await file.close();
  }
}

/** The header of a fragment, of the media behind it, and the beginning of that media fit mostly. */
const windowBytes = 4096;

/** Boxes that lie together cost one read. */
function readAhead(file: FileHandle): RangeReader {
  let start = 0;
  let window: Buffer = Buffer.alloc(0);
  return async (position, length) => {
    if (position < start || position + length > start + window.length) {
      const bytes = Buffer.allocUnsafe(Math.max(length, windowBytes));
      const { bytesRead } = await file.read(bytes, 0, bytes.length, position);
      [start, window] = [position, bytes.subarray(0, bytesRead)];
    }
    if (position + length > start + window.length)
      throw new RangeError(`the file ends at byte ${start + window.length}`);
    return window.subarray(position - start, position - start + length);
  };
}

async function readInfo(read: RangeReader, sizeBytes: number): Promise<Mp4Info> {
  let video: VideoTrack | null = null;
  let ticks = 0;
  let frames = 0;
  const sequenceSets: string[] = [];
  let pending: { ticks: number; frames: number } | null = null;
  for (let position = 0; position + 8 <= sizeBytes;) {
    const { type, headerBytes, boxBytes } = await readBoxHeader(read, position, sizeBytes);
    const isWhole = position + boxBytes <= sizeBytes;
    if (position === 0 && type !== 'ftyp') throw new RangeError('it does not begin like an MP4 file');
    if ((type === 'moov' || type === 'moof') && isWhole) {
      if (boxBytes > maxHeaderBytes) throw new RangeError(`its ${type} box has ${boxBytes} bytes`);
      const boxes = readBoxes(await read(position + headerBytes, boxBytes - headerBytes));
      if (type === 'moov') {
        video = readVideoTrack(boxes);
        ticks += video?.ticks ?? 0;
        frames += video?.frames ?? 0;
      } else if (video !== null) pending = readFragment(boxes, video);
    }
    if (type === 'mdat' && isWhole && pending !== null) {
      ticks += pending.ticks;
      frames += pending.frames;
      pending = null;
      const mediaBytes = Math.min(boxBytes - headerBytes, longestSetsBytes);
      const set = findSequenceSet(video?.codec ?? null, await read(position + headerBytes, mediaBytes));
      if (set !== null && set !== sequenceSets.at(-1)) sequenceSets.push(set);
    }
    position += boxBytes;
  }
  if (video === null) throw new RangeError('it has no movie header with video');
  return {
    sizeBytes,
    durationMs: Math.round((ticks * 1000) / video.timescale),
    frames,
    codec: video.codec,
    width: video.width,
    height: video.height,
    sequenceSets,
  };
}

/** Parameter sets in front of a key frame end within this. */
const longestSetsBytes = 512;

function readVideoTrack(moov: readonly Box[]): VideoTrack | null {
  for (const trak of moov) {
    if (trak.type !== 'trak') continue;
    const handler = trak.find('mdia', 'hdlr');
    if (handler?.data.toString('latin1', 8, 12) !== 'vide') continue;
    const header = trak.find('tkhd');
    const media = trak.find('mdia', 'mdhd');
    const entry = trak.find('mdia', 'minf', 'stbl', 'stsd');
    if (header === undefined || media === undefined || entry === undefined) continue;
    const listed = listedSamples(trak.find('mdia', 'minf', 'stbl', 'stts'));
    const fourCc = entry.data.length >= 52 ? entry.data.toString('latin1', 12, 16) : null;
    return {
      id: header.data.readUInt32BE(header.data[0] === 1 ? 20 : 12),
      timescale: Math.max(1, media.data.readUInt32BE(media.data[0] === 1 ? 20 : 12)),
      codec: fourCc === null ? null : (codecNames[fourCc] ?? fourCc),
      // Sample entry: 8 bytes box header, 8 of every entry, 16 reserved, then the size in pixels.
      width: fourCc === null ? null : entry.data.readUInt16BE(8 + 8 + 8 + 16),
      height: fourCc === null ? null : entry.data.readUInt16BE(8 + 8 + 8 + 18),
      ...listed,
    };
  }
  return null;
}

/** `stts`: runs of samples with the same duration. */
function listedSamples(stts: Box | undefined): { ticks: number; frames: number } {
  let ticks = 0;
  let frames = 0;
  if (stts !== undefined)
    for (let offset = 8; offset + 8 <= stts.data.length; offset += 8) {
      const count = stts.data.readUInt32BE(offset);
      frames += count;
      ticks += count * stts.data.readUInt32BE(offset + 4);
    }
  return { ticks, frames };
}

const tfhd = { baseDataOffset: 0x1, sampleDescription: 0x2, defaultDuration: 0x8 } as const;
const trun = {
  dataOffset: 0x1,
  firstFlags: 0x4,
  duration: 0x100,
  size: 0x200,
  flags: 0x400,
  offset: 0x800,
} as const;

/** Duration and number of the samples of one track in a `moof`. */
function readFragment(
  moof: readonly Box[],
  { id: trackId, timescale }: VideoTrack,
): { ticks: number; frames: number } {
  let ticks = 0;
  let frames = 0;
  for (const traf of moof) {
    const header = traf.type === 'traf' ? traf.find('tfhd') : undefined;
    if (header === undefined || header.data.readUInt32BE(4) !== trackId) continue;
    const defaultTicks = defaultDuration(header.data);
    for (const run of traf.children()) {
      if (run.type !== 'trun') continue;
      const sum = readRun(run.data, defaultTicks, longestPictureSeconds * timescale);
      ticks += sum.ticks;
      frames += sum.frames;
    }
  }
  return { ticks, frames };
}

function defaultDuration(data: Buffer): number {
  const flags = data.readUIntBE(1, 3);
  if ((flags & tfhd.defaultDuration) === 0) return 0;
  const before =
    ((flags & tfhd.baseDataOffset) === 0 ? 0 : 8) + ((flags & tfhd.sampleDescription) === 0 ? 0 : 4);
  return data.readUInt32BE(8 + before);
}

function readRun(data: Buffer, defaultTicks: number, maxTicks: number): { ticks: number; frames: number } {
  const flags = data.readUIntBE(1, 3);
  const has = (flag: number) => (flags & flag) !== 0;
  const frames = data.readUInt32BE(4);
  if (!has(trun.duration)) return { ticks: defaultTicks > maxTicks ? 0 : frames * defaultTicks, frames };
  const first = 8 + (has(trun.dataOffset) ? 4 : 0) + (has(trun.firstFlags) ? 4 : 0);
  const stride = 4 * [trun.duration, trun.size, trun.flags, trun.offset].filter(has).length;
  let ticks = 0;
  let before = 0;
  for (let index = 0; index < frames; index += 1) {
    const own = data.readUInt32BE(first + index * stride);
    before = own > maxTicks ? before : own;
    ticks += before;
  }
  return { ticks, frames };
}
