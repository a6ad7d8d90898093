/** Which picture of a file is this one? Told by its last NAL unit. */
import { createHash } from 'node:crypto';
import { pino } from 'pino';
import { openMediaFile } from '../../src/simulate/media-file.ts';
import { nalHeaderBytes, splitNalUnits } from '../../src/simulate/nal.ts';
import type { MediaSample, VideoTrack } from '../../src/simulate/media-track.ts';

export interface FrameTable {
  readonly durationSeconds: number;
  /** Seconds of the pictures with it, several when they are alike; none: it is not of this file. */
  secondsOf(fingerprint: string): readonly number[];
}

const log = pino({ level: 'silent' });

/** `body`: of a NAL unit, without its header. */
export function fingerprintOf(body: Buffer): string {
  return createHash('sha1').update(body).digest('base64');
}

export async function readFrameTable(file: string): Promise<FrameTable> {
  const seconds = new Map<string, number[]>();
  const track = await withTrack(file, async (video, fingerprintAt) => {
    for (const sample of video.samples) {
      const fingerprint = await fingerprintAt(sample);
      seconds.set(fingerprint, [...(seconds.get(fingerprint) ?? []), sample.decodeSeconds]);
    }
    return video;
  });
  return {
    durationSeconds: track.durationSeconds,
    secondsOf: (fingerprint) => seconds.get(fingerprint) ?? [],
  };
}

export interface RecordedEnds {
  readonly first: string;
  readonly last: string;
}

/** The fingerprints of the first and the last whole picture of a recording; null: it has none. */
export async function readRecordedEnds(file: string): Promise<RecordedEnds | null> {
  try {
    return await withTrack(file, async ({ samples }, fingerprintAt) => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (first === undefined || last === undefined) return null;
      return { first: await fingerprintAt(first), last: await fingerprintAt(last) };
    });
  } catch {
    return null;
  }
}

async function withTrack<Result>(
  file: string,
  use: (track: VideoTrack, fingerprintAt: (sample: MediaSample) => Promise<string>) => Promise<Result>,
): Promise<Result> {
  const media = await openMediaFile(file, log);
  try {
    const [track] = media.tracks;
    return await use(track, async (sample) => {
      const units = splitNalUnits(track.codec, await media.readSample(sample), track.nalLengthBytes);
      return fingerprintOf(units.at(-1)?.subarray(nalHeaderBytes[track.codec]) ?? Buffer.alloc(0));
    });
  } finally {
    await media.close();
  }
}
