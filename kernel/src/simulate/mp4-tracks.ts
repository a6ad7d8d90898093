/** Can the camera send the samples of a track, and when is each one due? */
import { VisualSampleEntry, type Sample } from 'mp4box';
import { HeldarError } from '../errors.ts';
import type { MediaSample, VideoTrack } from './media-track.ts';

type Description = Sample['description'];

const videoClockRate = 90_000;

/** Leaves out what precedes the first key frame, and what a file that was cut short has lost. */
export function describeVideo(
  path: string,
  id: number,
  stored: readonly Sample[],
  fileBytes: number,
): VideoTrack {
  const lost = stored.findIndex((sample) => sample.offset + sample.size > fileBytes);
  const whole = lost === -1 ? stored : stored.slice(0, lost);
  const firstKeyFrame = whole.findIndex((sample) => sample.is_sync);
  const usable = firstKeyFrame === -1 ? [] : whole.slice(firstKeyFrame);
  const [first] = usable;
  const durationSeconds = secondsOf(usable);
  if (first === undefined || durationSeconds <= 0) {
    throw new HeldarError(
      'usage',
      `${path}: the video track has no key frame or no duration. Choose another file.`,
    );
  }
  if (usable.some((sample) => sample.description_index !== first.description_index)) {
    throw unsupported(path, 'the coding changes midway');
  }
  const format = readFormat(path, first.description);
  return { id, clockRate: videoClockRate, ...format, samples: usable.map(timedFrom(first)), durationSeconds };
}

function secondsOf(samples: readonly Sample[]): number {
  const first = samples.at(0);
  const last = samples.at(-1);
  if (first === undefined || last === undefined) return 0;
  // Some writers leave the last duration out; the one before it is the best guess.
  const lastDuration = last.duration > 0 ? last.duration : (samples.at(-2)?.duration ?? 0);
  return (last.dts + lastDuration - first.dts) / first.timescale;
}

function timedFrom(first: Sample): (sample: Sample) => MediaSample {
  return (sample) => ({
    offset: sample.offset,
    sizeBytes: sample.size,
    decodeSeconds: (sample.dts - first.dts) / first.timescale,
    presentationSeconds: (sample.cts - first.dts) / first.timescale,
    isKeyFrame: sample.is_sync,
  });
}

function readFormat(
  path: string,
  description: Description,
): Pick<VideoTrack, 'codec' | 'nalLengthBytes' | 'parameterSets'> {
  const { type, avcC, hvcC } = description instanceof VisualSampleEntry ? description : { type: 'unknown' };
  if ((type === 'avc1' || type === 'avc3') && avcC !== undefined) {
    const parameterSets = { vps: [], sps: avcC.SPS.map(bytesOf), pps: avcC.PPS.map(bytesOf) };
    return { codec: 'h264', nalLengthBytes: avcC.lengthSizeMinusOne + 1, parameterSets };
  }
  if ((type === 'hvc1' || type === 'hev1') && hvcC !== undefined) {
    const ofType = (nalType: number) =>
      hvcC.nalu_arrays.filter((units) => units.nalu_type === nalType).flatMap((units) => units.map(bytesOf));
    const parameterSets = { vps: ofType(32), sps: ofType(33), pps: ofType(34) };
    return { codec: 'h265', nalLengthBytes: hvcC.lengthSizeMinusOne + 1, parameterSets };
  }
  throw unsupported(path, `the video track is '${type}', and the camera sends H.264 and H.265 only`);
}

function bytesOf(unit: { readonly data: Uint8Array }): Buffer {
  return Buffer.from(unit.data);
}

function unsupported(path: string, reason: string): HeldarError {
  return new HeldarError(
    'usage',
    `Cannot serve ${path}: ${reason}. Convert it: ffmpeg -i ${path} -c:v libx264 -an new.mp4`,
  );
}
