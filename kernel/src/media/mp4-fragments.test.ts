/** Are samples found where they lie, in whole files and in those that were cut off? */
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { fragmentsIn, readRecording } from './mp4-fragments.ts';
import type { Recording } from './recorded-samples.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));
let folder = '';
let fragmented = '';
let plain = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-fragments-'));
  fragmented = join(folder, 'fragmented.mp4');
  plain = join(folder, 'plain.mp4');
  const cut = ['-nostdin', '-v', 'error', '-i', street, '-f', 'lavfi', '-i', 'sine', '-t', '5'];
  const coded = ['-c:v', 'copy', '-c:a', 'aac'];
  const flags = ['-movflags', '+frag_keyframe+empty_moov+default_base_moof', '-frag_duration', '400000'];
  await execa('ffmpeg', [...cut, ...coded, ...flags, fragmented]);
  await execa('ffmpeg', [...cut, ...coded, plain]);
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** Position, size and key of each packet of the video, as ffprobe finds them. */
async function packetsOf(file: string): Promise<string[]> {
  const entries = [
    '-select_streams',
    'v:0',
    '-show_entries',
    'packet=size,pos,flags',
    '-of',
    'csv=p=0',
    file,
  ];
  const { stdout } = await execa('ffprobe', ['-v', 'quiet', ...entries]);
  return stdout.split('\n').map((line) => {
    const [sizeBytes, position, flags] = line.split(',');
    return `${position} ${sizeBytes} ${flags?.startsWith('K') === true}`;
  });
}

function samplesOf({ tracks, fragments }: Pick<Recording, 'tracks' | 'fragments'>): string[] {
  const id = tracks[0]?.id ?? 0;
  return fragments.flatMap(({ samples }) =>
    (samples.get(id) ?? []).map(({ position, sizeBytes, isKey }) => `${position} ${sizeBytes} ${isKey}`),
  );
}

test('samples lie where ffprobe finds them, with fragments and without', async () => {
  for (const file of [fragmented, plain]) {
    const recording = await readRecording(file);
    expect(recording.isFragmented).toBe(file === fragmented);
    expect(recording.tracks.map(({ kind }) => kind)).toEqual(['video', 'audio']);
    expect(recording.tracks[0]).toMatchObject({ width: 640, height: 480 });
    expect(samplesOf(recording)).toEqual(await packetsOf(file));
  }
});

test('a run of fragments is read out of memory as out of the file', async () => {
  const { tracks, fragments } = await readRecording(fragmented);
  const [from, to] = [fragments[2]?.position ?? 0, fragments[5]?.endPosition ?? 0];
  const bytes = (await readFile(fragmented)).subarray(from, to);
  expect(fragmentsIn(bytes, from, tracks)).toEqual(fragments.slice(2, 6));
});

test('of a file that was cut off, whole fragments count, wherever it was cut', async () => {
  const bytes = await readFile(fragmented);
  const whole = await readRecording(fragmented);
  const cut = join(folder, 'cut.mp4');
  for (let length = 2000; length < bytes.length; length += 9973) {
    await writeFile(cut, bytes.subarray(0, length));
    const { fragments } = await readRecording(cut);
    expect(fragments).toEqual(whole.fragments.filter(({ endPosition }) => endPosition <= length));
  }
});

test('what is no movie is refused', async () => {
  const file = join(folder, 'none.mp4');
  for (const bytes of [Buffer.alloc(0), Buffer.alloc(100), Buffer.from('RIFF, not a movie at all')]) {
    await writeFile(file, bytes);
    await expect(readRecording(file)).rejects.toThrow(RangeError);
  }
});
