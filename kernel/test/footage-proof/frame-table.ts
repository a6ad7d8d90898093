/** Which picture of a file is this one? Told by the end of its last NAL unit, which no other picture shares. */
import { pino } from 'pino';
import { openMediaFile } from '../../src/simulate/media-file.ts';
import { nalHeaderBytes, splitNalUnits } from '../../src/simulate/nal.ts';
import type { MediaSample, VideoTrack } from '../../src/simulate/media-track.ts';

export interface FrameTable {
  readonly durationSeconds: number;
  /** Seconds of the pictures that end like that; none: it is not of this file. */
  secondsOf(ending: string): readonly number[];
}

const endingBytes = 24;
const log = pino({ level: 'silent' });

/** `body`: of a NAL unit, without its header. */
export function endingOf(body: Buffer): string {
  return body.subarray(-endingBytes).toString('hex');
}

export async function readFrameTable(file: string): Promise<FrameTable> {
  const seconds = new Map<string, number[]>();
  const track = await withTrack(file, async (video, endingAt) => {
    for (const sample of video.samples) {
      const ending = await endingAt(sample);
      seconds.set(ending, [...(seconds.get(ending) ?? []), sample.decodeSeconds]);
    }
    return video;
  });
  return {
    durationSeconds: track.durationSeconds,
    secondsOf: (ending) => seconds.get(ending) ?? [],
  };
}

export interface RecordedEnds {
  readonly first: string;
  readonly last: string;
}

/** The endings of the first and the last whole picture of a recording; null: it has none. */
export async function readRecordedEnds(file: string): Promise<RecordedEnds | null> {
  try {
    return await withTrack(file, async ({ samples }, endingAt) => {
      const [first, last] = [samples[0], samples.at(-1)];
      if (first === undefined || last === undefined) return null;
      return { first: await endingAt(first), last: await endingAt(last) };
    });
  } catch {
    return null;
  }
}

async function withTrack<Result>(
  file: string,
  use: (track: VideoTrack, endingAt: (sample: MediaSample) => Promise<string>) => Promise<Result>,
): Promise<Result> {
  const media = await openMediaFile(file, log);
  try {
    const [track] = media.tracks;
    return await use(track, async (sample) => {
      const units = splitNalUnits(track.codec, await media.readSample(sample), track.nalLengthBytes);
      return endingOf(units.at(-1)?.subarray(nalHeaderBytes[track.codec]) ?? Buffer.alloc(0));
    });
  } finally {
    await media.close();
  }
}
