/** How the header of a fragment is written; its media data follows, track after track. */
import { box, fullBox, i32s, i64, mdatHeader, u32 } from './mp4-write.ts';

export interface FragmentRun {
  readonly trackId: number;
  /** Number of the sample entry, from 1. */
  readonly entry: number;
  /** When its first sample is decoded, ticks. */
  readonly time: number;
  readonly samples: readonly {
    readonly sizeBytes: number;
    readonly duration: number;
    readonly shift: number;
    readonly isKey: boolean;
  }[];
}

/** Positions count from the fragment; the number of the sample entry is given. */
const runFlags = 0x020002;
/** Position of the data; duration, size, flags and shift of each sample. */
const sampleFields = 0xf01;
/** Decoded by itself; needs others. */
const keyFlags = 0x02000000;
const otherFlags = 0x01010000;

export function fragmentHeader(sequence: number, runs: readonly FragmentRun[]): Buffer {
  const make = (dataStart: number) => {
    let position = dataStart;
    const trafs = runs.map((run) => {
      const traf = trackFragment(run, position);
      position += bytesOf(run);
      return traf;
    });
    return box('moof', fullBox('mfhd', 0, 0, u32(sequence)), ...trafs);
  };
  const dataBytes = runs.reduce((sum, run) => sum + bytesOf(run), 0);
  const header = mdatHeader(dataBytes);
  // The position takes as many bytes whatever it is.
  return Buffer.concat([make(make(0).length + header.length), header]);
}

function trackFragment({ trackId, entry, time, samples }: FragmentRun, dataPosition: number): Buffer {
  const fields = Buffer.alloc(samples.length * 16);
  for (const [index, { duration, sizeBytes, isKey, shift }] of samples.entries()) {
    fields.writeUInt32BE(duration, index * 16);
    fields.writeUInt32BE(sizeBytes, index * 16 + 4);
    fields.writeUInt32BE(isKey ? keyFlags : otherFlags, index * 16 + 8);
    fields.writeInt32BE(shift, index * 16 + 12);
  }
  return box(
    'traf',
    fullBox('tfhd', 0, runFlags, u32(trackId, entry)),
    fullBox('tfdt', 1, 0, i64(time)),
    fullBox('trun', 1, sampleFields, u32(samples.length), i32s([dataPosition]), fields),
  );
}

function bytesOf({ samples }: FragmentRun): number {
  return samples.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
}
