/** What does a recorded MP4 file hold? Reads the boxes that say so, by ranges, and leaves the media data out. */
import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';
import { parseBoxHeader, readBoxes, type Box } from './mp4-boxes.ts';
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
    const window = readAhead(file);
    try {
      return await readInfo(window, size);
    } finally {
      window.end();
    }
  } finally {
    await file.close();
  }
}

/** Where headers lie closer together than this, reading what is between them costs less than another read. */
const nearBytes = 128 * 1024;
const windowBytes = 256 * 1024;
/** The header of a fragment, of the media behind it, and the beginning of that media fit mostly. */
const headerBytesMostly = 4096;

/** Windows that nobody reads through now: many files are closed in the same second, each read by few steps. */
const spareWindows: Buffer[] = [];
const mostSpareWindows = 4;

interface FileWindow {
  /** What is there already; null: it has to be read. Holds until the next read. */
  peek(position: number, length: number): Buffer | null;
  /** @throws RangeError when the file ends before. */
  read(position: number, length: number): Promise<Buffer>;
  end(): void;
}

/** Boxes that lie together cost one read. */
function readAhead(file: FileHandle): FileWindow {
  const own = spareWindows.pop() ?? Buffer.allocUnsafeSlow(windowBytes);
  let start = 0;
  let window: Buffer = own.subarray(0, 0);
  const peek = (position: number, length: number) =>
    position < start || position + length > start + window.length
      ? null
      : window.subarray(position - start, position - start + length);
  return {
    peek,
    async read(position, length) {
      const isNear = position <= start + window.length + nearBytes;
      const wanted = Math.max(length, isNear ? windowBytes : headerBytesMostly);
      const bytes = wanted > windowBytes ? Buffer.allocUnsafeSlow(wanted) : own;
      const { bytesRead } = await file.read(bytes, 0, wanted, position);
      [start, window] = [position, bytes.subarray(0, bytesRead)];
      const answer = peek(position, length);
      if (answer === null) throw new RangeError(`the file ends at byte ${start + window.length}`);
      return answer;
    },
    end() {
      if (spareWindows.length < mostSpareWindows) spareWindows.push(own);
    },
  };
}

async function readInfo(window: FileWindow, sizeBytes: number): Promise<Mp4Info> {
  let video: VideoTrack | null = null;
  let ticks = 0;
  let frames = 0;
  const sequenceSets: string[] = [];
  let lastSet = Buffer.alloc(0);
  let pending: FragmentSum | null = null;
  for (let position = 0; position + 8 <= sizeBytes;) {
    const headerLength = Math.min(16, sizeBytes - position);
    const { type, headerBytes, boxBytes } = parseBoxHeader(
      window.peek(position, headerLength) ?? (await window.read(position, headerLength)),
      sizeBytes - position,
    );
    const isWhole = position + boxBytes <= sizeBytes;
    if (position === 0 && type !== 'ftyp') throw new RangeError('it does not begin like an MP4 file');
    if ((type === 'moov' || type === 'moof') && isWhole) {
      if (boxBytes > maxHeaderBytes) throw new RangeError(`its ${type} box has ${boxBytes} bytes`);
      const start = position + headerBytes;
      const length = boxBytes - headerBytes;
      const header = window.peek(start, length) ?? (await window.read(start, length));
      if (type === 'moov') {
        video = readVideoTrack(readBoxes(header));
        ticks += video?.ticks ?? 0;
        frames += video?.frames ?? 0;
      } else if (video !== null) pending = sumFragment(header, video);
    }
    if (type === 'mdat' && isWhole && pending !== null) {
      ticks += pending.ticks;
      frames += pending.frames;
      pending = null;
      const start = position + headerBytes;
      const length = Math.min(boxBytes - headerBytes, longestSetsBytes);
      const media = window.peek(start, length) ?? (await window.read(start, length));
      const set = findSequenceSet(video?.codec ?? null, media);
      if (set !== null && !lastSet.equals(set)) {
        lastSet = Buffer.from(set);
        sequenceSets.push(createHash('sha1').update(set).digest('base64'));
      }
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

interface FragmentSum {
  readonly ticks: number;
  readonly frames: number;
}

const noSamples: FragmentSum = { ticks: 0, frames: 0 };

/**
 * Duration and number of the samples of one track in a `moof`, given without its header. There are hundreds in a file, so its boxes are
 * read where they lie.
 */
function sumFragment(moof: Buffer, { id: trackId, timescale }: VideoTrack): FragmentSum {
  let ticks = 0;
  let frames = 0;
  eachBox(moof, 0, moof.length, (type, start, end) => {
    if (type !== boxTypes.traf) return;
    const sum = sumTrack(moof, start, end, { trackId, maxTicks: longestPictureSeconds * timescale });
    ticks += sum.ticks;
    frames += sum.frames;
  });
  return { ticks, frames };
}

/** As numbers, four letters each. */
const boxTypes = { traf: 0x74726166, tfhd: 0x74666864, trun: 0x7472756e } as const;

/** Goes through the boxes between two places, by what follows their headers; one that is cut short ends it. */
function eachBox(
  bytes: Buffer,
  start: number,
  end: number,
  visit: (type: number, start: number, end: number) => void,
): void {
  for (let position = start; position + 8 <= end;) {
    const boxBytes = bytes.readUInt32BE(position);
    // No box of a fragment is as long as a size of 64 bits could say.
    if (boxBytes < 8 || position + boxBytes > end) return;
    visit(bytes.readUInt32BE(position + 4), position + 8, position + boxBytes);
    position += boxBytes;
  }
}

function sumTrack(
  bytes: Buffer,
  start: number,
  end: number,
  { trackId, maxTicks }: { trackId: number; maxTicks: number },
): FragmentSum {
  let defaultTicks: number | null = null;
  let ticks = 0;
  let frames = 0;
  eachBox(bytes, start, end, (type, from, to) => {
    // The header of the track comes before its runs.
    if (type === boxTypes.tfhd && bytes.readUInt32BE(from + 4) === trackId)
      defaultTicks = defaultDuration(bytes, from);
    if (type !== boxTypes.trun || defaultTicks === null) return;
    const sum = sumRun(bytes.subarray(from, to), defaultTicks, maxTicks);
    ticks += sum.ticks;
    frames += sum.frames;
  });
  return defaultTicks === null ? noSamples : { ticks, frames };
}

function defaultDuration(bytes: Buffer, from: number): number {
  const flags = bytes.readUIntBE(from + 1, 3);
  if ((flags & tfhd.defaultDuration) === 0) return 0;
  const before =
    ((flags & tfhd.baseDataOffset) === 0 ? 0 : 8) + ((flags & tfhd.sampleDescription) === 0 ? 0 : 4);
  return bytes.readUInt32BE(from + 8 + before);
}

function sumRun(data: Buffer, defaultTicks: number, maxTicks: number): FragmentSum {
  const flags = data.readUIntBE(1, 3);
  const frames = data.readUInt32BE(4);
  if ((flags & trun.duration) === 0)
    return { ticks: defaultTicks > maxTicks ? 0 : frames * defaultTicks, frames };
  const has = (flag: number) => ((flags & flag) === 0 ? 0 : 4);
  const first = 8 + has(trun.dataOffset) + has(trun.firstFlags);
  const stride = has(trun.duration) + has(trun.size) + has(trun.flags) + has(trun.offset);
  let ticks = 0;
  let before = 0;
  for (let index = 0; index < frames; index += 1) {
    const own = data.readUInt32BE(first + index * stride);
    before = own > maxTicks ? before : own;
    ticks += before;
  }
  return { ticks, frames };
}
