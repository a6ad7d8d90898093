/** Which tracks and samples does an MP4 file hold, and what are a sample's bytes? */
import { open, type FileHandle } from 'node:fs/promises';
import { HeldarError, messageOf } from '../errors.ts';
import type { CameraLog } from './camera-log.ts';
import { readVideoSamples } from './mp4-boxes.ts';
import type { MediaSample, MediaTrack, VideoTrack } from './media-track.ts';
import { describeVideo } from './mp4-tracks.ts';
import { collectParameterSets, splitNalUnits } from './nal.ts';

export interface MediaFile {
  /** Never empty; every track has samples and begins with a key frame. */
  readonly tracks: readonly MediaTrack[];
  readSample(sample: MediaSample): Promise<Buffer>;
  close(): Promise<void>;
}

export interface VideoFile extends MediaFile {
  readonly tracks: readonly [VideoTrack];
}

/** Reads the index of the file; the samples stay on the disk until `readSample`. */
export async function openMediaFile(path: string, log: CameraLog): Promise<VideoFile> {
  const file = await openForReading(path);
  try {
    const { size } = await file.stat();
    const readRange = (position: number, length: number) => readExactly(file, position, length);
    const readSample = (sample: MediaSample) => readRange(sample.offset, sample.sizeBytes);
    const samples = await readVideoSamples(path, size, readRange);
    if (samples === null) throw new HeldarError('usage', `${path} has no video track. Choose another file.`);
    const video = await completeParameterSets(path, describeVideo(path, 1, samples, size), readSample);
    if (samples.length > video.samples.length) {
      log.warn({ file: path, seconds: video.durationSeconds }, 'only a part of the video is usable');
    }
    return {
      tracks: [video],
      readSample,
      close: () => file.close(),
    };
  } catch (error) {
    await file.close();
    if (error instanceof HeldarError) throw error;
    throw new HeldarError('usage', `Cannot read ${path}: ${messageOf(error)}. Choose another file.`, {
      cause: error,
    });
  }
}

async function openForReading(path: string): Promise<FileHandle> {
  try {
    const file = await open(path, 'r');
    if ((await file.stat()).isFile()) return file;
    await file.close();
  } catch (error) {
    const reason = messageOf(error);
    throw new HeldarError('usage', `Cannot open the video file ${path}: ${reason}. Check the path.`, {
      cause: error,
    });
  }
  throw new HeldarError('usage', `${path} is not a file. Give the path of one MP4 file.`);
}

/** Throws a RangeError when the file ends before the range does. */
async function readExactly(file: FileHandle, position: number, length: number): Promise<Buffer> {
  // A slab of its own: the bytes live until the slowest client has them, and must not pin a shared pool.
  const bytes = Buffer.allocUnsafeSlow(length);
  let filled = 0;
  while (filled < length) {
    const { bytesRead } = await file.read(bytes, filled, length - filled, position + filled);
    if (bytesRead === 0) throw new RangeError(`the file ends at byte ${position + filled}`);
    filled += bytesRead;
  }
  return bytes;
}

/** Takes what the track's description leaves out (`avc3`, `hev1`) from its first key frame. */
async function completeParameterSets(
  path: string,
  track: VideoTrack,
  readSample: (sample: MediaSample) => Promise<Buffer>,
): Promise<VideoTrack> {
  const [firstSample] = track.samples;
  const { vps, sps, pps } = track.parameterSets;
  const isComplete = sps.length > 0 && pps.length > 0 && (track.codec === 'h264' || vps.length > 0);
  if (isComplete || firstSample === undefined) return track;
  const nalUnits = splitNalUnits(track.codec, await readSample(firstSample), track.nalLengthBytes);
  const parameterSets = collectParameterSets(track.codec, nalUnits);
  if (parameterSets.sps.length > 0 && parameterSets.pps.length > 0) return { ...track, parameterSets };
  throw new HeldarError(
    'usage',
    `${path}: the video track has no parameter sets, neither in its description nor in its first key frame. ` +
      `Write it anew: ffmpeg -i ${path} -c:v libx264 -an new.mp4`,
  );
}
