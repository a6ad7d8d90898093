/** How does a camera whose file is silent get sound? ffmpeg makes a beep a second, in the codec that is asked for. */
import { execa } from 'execa';
import { HeldarError, messageOf } from '../errors.ts';
import { readAdts } from './adts.ts';
import type { MediaFile } from './media-file.ts';
import type { AudioCodec, AudioTrack, MediaSample } from './media-track.ts';

/** Repeated for as long as the video lasts. */
const toneSeconds = 10;

interface Tone {
  readonly bytes: Buffer;
  readonly clockRate: number;
  readonly config: Buffer;
  readonly frames: readonly { readonly offset: number; readonly sizeBytes: number }[];
  readonly frameSeconds: number;
}

/** The file with a track of sound beside its video. @throws HeldarError `unavailable` when ffmpeg makes none. */
export async function withAudio(media: MediaFile, codec: AudioCodec): Promise<MediaFile> {
  const tone = codec === 'g711' ? await makeG711() : await makeAac();
  const durationSeconds = Math.max(...media.tracks.map((track) => track.durationSeconds));
  const samples = samplesOf(tone, durationSeconds);
  const { clockRate, config } = tone;
  const id = media.tracks.length + 1;
  const audio: AudioTrack = { id, codec, clockRate, config, samples, durationSeconds };
  const own = new Set(samples);
  return {
    tracks: [...media.tracks, audio],
    readSample: async (sample) =>
      own.has(sample)
        ? tone.bytes.subarray(sample.offset, sample.offset + sample.sizeBytes)
        : await media.readSample(sample),
    close: () => media.close(),
  };
}

function samplesOf({ frames, frameSeconds }: Tone, durationSeconds: number): MediaSample[] {
  return Array.from({ length: Math.floor(durationSeconds / frameSeconds) }, (_, index) => {
    const { offset = 0, sizeBytes = 0 } = frames[index % frames.length] ?? {};
    const seconds = index * frameSeconds;
    return { offset, sizeBytes, decodeSeconds: seconds, presentationSeconds: seconds, isKeyFrame: true };
  });
}

/** A byte a sample, packets of 20 ms (RFC 3551). */
async function makeG711(): Promise<Tone> {
  const clockRate = 8000;
  const sizeBytes = 160;
  const bytes = await makeTone(clockRate, ['-f', 'mulaw']);
  const frames = Array.from({ length: Math.floor(bytes.length / sizeBytes) }, (_, index) => ({
    offset: index * sizeBytes,
    sizeBytes,
  }));
  return { bytes, clockRate, config: Buffer.alloc(0), frames, frameSeconds: sizeBytes / clockRate };
}

async function makeAac(): Promise<Tone> {
  const clockRate = 16_000;
  const bytes = await makeTone(clockRate, ['-c:a', 'aac', '-b:a', '32k', '-f', 'adts']);
  const { config, frames } = readAdts(bytes);
  return { bytes, clockRate, config, frames, frameSeconds: 1024 / clockRate };
}

async function makeTone(sampleRate: number, output: readonly string[]): Promise<Buffer> {
  const source = `sine=frequency=440:beep_factor=4:sample_rate=${sampleRate}:duration=${toneSeconds}`;
  const args = ['-nostdin', '-v', 'error', '-f', 'lavfi', '-i', source, '-ac', '1', ...output, 'pipe:1'];
  try {
    const { stdout } = await execa('ffmpeg', args, { encoding: 'buffer' });
    return Buffer.from(stdout);
  } catch (error) {
    throw new HeldarError(
      'unavailable',
      `The camera's sound could not be made: ${messageOf(error)}. Install ffmpeg, or leave the sound out.`,
      { cause: error },
    );
  }
}
