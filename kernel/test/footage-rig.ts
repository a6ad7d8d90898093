/** Recordings with known pictures in a real index: what the tests of clips, stills and review sessions stand on. */
import { mkdir, readdir, rename, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { execa } from 'execa';
import { readMp4Info } from '../src/media/mp4-info.ts';
import type { MediaStore } from './media-store.ts';

export interface Footage {
  /** When the first picture was taken, ms since the epoch. */
  readonly start: number;
  readonly end: number;
  /** One for each picture, in order: the same picture has the same, wherever it is found. */
  readonly hashes: readonly string[];
  readonly segments: readonly { readonly id: string; readonly path: string; readonly start: number }[];
}

export interface FootageOptions {
  readonly seconds?: number;
  readonly segmentSeconds?: number;
  readonly start?: number;
  readonly size?: string;
  readonly codec?: 'h264' | 'hevc';
  readonly bFrames?: number;
  readonly sound?: boolean;
  /** Files without fragments, as other programs write them. */
  readonly isPlain?: boolean;
}

export const fps = 25;
/** Of a key frame to the next. */
export const gopSeconds = 2;
/** A round moment, so that windows are easy to read. */
export const midnight = Date.parse('2026-01-02T00:00:00Z');

const inner =
  'movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=400000:flush_packets=1:max_interleave_delta=100000';

/** Pictures with a running clock, cut into segments by the recorder's own options. */
export async function recordFootage(
  media: Pick<MediaStore, 'folder' | 'recordingsDir' | 'store' | 'registry'>,
  cameraId: string,
  options: FootageOptions = {},
): Promise<Footage> {
  const { seconds = 12, segmentSeconds = 4, start = midnight, size = '320x240', codec = 'h264' } = options;
  const { bFrames = 0, sound = true, isPlain = false } = options;
  const work = join(media.folder, `work-${cameraId}-${start}`);
  await mkdir(work, { recursive: true });
  const source = join(work, 'source.mp4');
  const gop = String(fps * gopSeconds);
  const pictures = ['-f', 'lavfi', '-i', `testsrc2=size=${size}:rate=${fps}:duration=${seconds}`];
  const tone = ['-f', 'lavfi', '-i', `sine=frequency=440:duration=${seconds}`, '-c:a', 'aac'];
  const x264 = [
    '-c:v',
    'libx264',
    '-g',
    gop,
    '-keyint_min',
    gop,
    '-sc_threshold',
    '0',
    '-bf',
    String(bFrames),
  ];
  const x265Params = `log-level=error:keyint=${gop}:min-keyint=${gop}:scenecut=0:open-gop=0:bframes=${bFrames}`;
  const x265 = ['-c:v', 'libx265', '-tag:v', 'hvc1', '-x265-params', x265Params];
  const quick = ['-preset', 'ultrafast', '-pix_fmt', 'yuv420p', '-t', String(seconds), source];
  await ffmpeg([...pictures, ...(sound ? tone : []), ...(codec === 'hevc' ? x265 : x264), ...quick]);
  const copy = ['-i', source, '-map', '0', '-c', 'copy', '-reset_timestamps', '1'];
  const segmented = ['-f', 'segment', '-segment_time', String(segmentSeconds), '-segment_format', 'mp4'];
  const form = isPlain ? [] : ['-segment_format_options', inner];
  await ffmpeg([...copy, ...segmented, ...form, join(work, '%03d.mp4')]);
  const names = (await readdir(work)).filter((name) => /^\d+\.mp4$/.test(name)).sort();
  const segments: { id: string; path: string; start: number }[] = [];
  await mkdir(join(media.recordingsDir, cameraId), { recursive: true });
  let at = start;
  for (const name of names) {
    const file = join(work, name);
    const { durationMs, codec: coded, width, height } = await readMp4Info(file);
    const path = `${cameraId}/${new Date(at).toISOString().replaceAll(/[-:]/g, '').slice(0, 15).replace('T', '_')}.mp4`;
    await rename(file, join(media.recordingsDir, path));
    const sizeBytes = (await stat(join(media.recordingsDir, path))).size;
    const id = `seg_${segments.length}_${cameraId}_${at}`;
    const segment = {
      id,
      path,
      startTime: at,
      endTime: at + durationMs,
      codec: coded,
      width,
      height,
      sizeBytes,
    };
    const incarnation = media.registry.incarnation(cameraId) ?? 0;
    await media.store.write('segments.add', { incarnation, segment, live: null });
    segments.push({ id, path, start: at });
    at += durationMs;
  }
  return { start, end: at, hashes: await hashesOf(source), segments };
}

/** Of what a player would show, in that order. */
export async function hashesOf(file: string): Promise<string[]> {
  const input = ['-nostdin', '-v', 'error', '-i', file, '-map', '0:v:0', '-fps_mode', 'passthrough'];
  const { stdout } = await execa('ffmpeg', [...input, '-f', 'framemd5', '-']);
  return stdout
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.slice(line.lastIndexOf(',') + 1).trim());
}

/** @throws when ffmpeg says anything. */
export async function ffmpeg(args: readonly string[]): Promise<void> {
  const { stderr } = await execa('ffmpeg', ['-nostdin', '-y', '-v', 'error', ...args]);
  if (stderr !== '') throw new Error(stderr);
}
