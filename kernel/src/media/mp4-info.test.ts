import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readMp4Info } from './mp4-info.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));
const fragmented = 'movflags=+frag_keyframe+empty_moov+default_base_moof:frag_duration=400000';
let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-mp4-'));
  const cut = ['-nostdin', '-v', 'error', '-i', street, '-t', '5'];
  const quiet = ['-x265-params', 'log-level=error'];
  await execa('ffmpeg', [
    ...cut,
    '-c',
    'copy',
    '-f',
    'segment',
    '-segment_format',
    'mp4',
    '-segment_time',
    '60',
    '-segment_format_options',
    fragmented,
    join(folder, 'fragmented_%d.mp4'),
  ]);
  await execa('ffmpeg', [
    ...cut,
    '-c:v',
    'libx265',
    '-preset',
    'ultrafast',
    '-bf',
    '2',
    '-tag:v',
    'hvc1',
    ...quiet,
    join(folder, 'hevc.mp4'),
  ]);
  await execa('ffmpeg', [
    ...cut,
    '-f',
    'lavfi',
    '-i',
    'sine',
    '-c:v',
    'copy',
    '-c:a',
    'aac',
    '-t',
    '5',
    join(folder, 'sound.mp4'),
  ]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** What ffprobe counts by reading every packet. */
async function countedFrames(file: string): Promise<number> {
  const entries = ['-count_packets', '-select_streams', 'v:0', '-show_entries', 'stream=nb_read_packets'];
  const { stdout } = await execa('ffprobe', ['-v', 'quiet', ...entries, '-of', 'csv=p=0', file]);
  return Number(stdout);
}

describe('readMp4Info', () => {
  it('reads plain files', async () => {
    expect(await readMp4Info(street)).toEqual({
      sizeBytes: (await stat(street)).size,
      durationMs: 60_000,
      frames: 600,
      codec: 'h264',
      width: 640,
      height: 480,
      sequenceSets: [],
    });
  });

  it('reads fragmented files, H.265, and files with sound, as ffprobe counts them', async () => {
    for (const [name, codec] of [
      ['fragmented_0.mp4', 'h264'],
      ['hevc.mp4', 'hevc'],
      ['sound.mp4', 'h264'],
    ] as const) {
      const file = join(folder, name);
      const info = await readMp4Info(file);
      expect(info).toMatchObject({ codec, width: 640, height: 480, frames: await countedFrames(file) });
      expect(Math.abs(info.durationMs - 5000)).toBeLessThan(150);
    }
  });

  it('counts only whole fragments of a file that was cut short, wherever it was cut', async () => {
    const bytes = await readFile(join(folder, 'fragmented_0.mp4'));
    const cut = join(folder, 'cut.mp4');
    let before = -1;
    for (let length = 2000; length < bytes.length; length += 4999) {
      await writeFile(cut, bytes.subarray(0, length));
      const { frames, sizeBytes } = await readMp4Info(cut);
      expect(sizeBytes).toBe(length);
      expect(frames).toBeGreaterThanOrEqual(before);
      expect(frames).toBeLessThanOrEqual(await countedFrames(cut));
      before = frames;
    }
    expect(before).toBeGreaterThan(40);
  });

  it('refuses what is no MP4 file or has no header yet', async () => {
    const file = join(folder, 'none.mp4');
    for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from('RIFF, not a movie at all')]) {
      await writeFile(file, bytes);
      await expect(readMp4Info(file)).rejects.toThrow(RangeError);
    }
  });
});
