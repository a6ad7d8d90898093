import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { execa } from 'execa';
import { pino } from 'pino';
import { expect, onTestFinished, test } from 'vitest';
import { openMediaFile, type VideoFile } from './media-file.ts';
import type { VideoTrack } from './media-track.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));

async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'heldar-media-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

async function opened(path: string): Promise<{ media: VideoFile; track: VideoTrack; warnings: string[] }> {
  const warnings: string[] = [];
  const media = await openMediaFile(
    path,
    pino({ level: 'warn' }, { write: (line) => void warnings.push(line) }),
  );
  onTestFinished(() => media.close());
  const [track] = media.tracks;
  return { media, track, warnings };
}

test('a file gives its samples, their times and their bytes', async () => {
  const { media, track, warnings } = await opened(street);
  expect(track).toMatchObject({
    id: 1,
    codec: 'h264',
    clockRate: 90_000,
    nalLengthBytes: 4,
    durationSeconds: 60,
  });
  expect(track.samples).toHaveLength(600);
  expect(track.samples.filter((sample) => sample.isKeyFrame)).toHaveLength(60);
  const sample = track.samples[10];
  if (sample === undefined) throw new Error('there is no sample');
  expect(sample).toMatchObject({ decodeSeconds: 1, presentationSeconds: 1, isKeyFrame: true });
  const bytes = await readFile(street);
  const expected = bytes.subarray(sample.offset, sample.offset + sample.sizeBytes);
  expect((await media.readSample(sample)).equals(expected)).toBe(true);
  expect(warnings).toEqual([]);
});

test('of a file that was cut short the whole samples are used, and a warning says so', async () => {
  const cut = join(await temporaryFolder(), 'cut.mp4');
  await writeFile(cut, (await readFile(street)).subarray(0, 100_000));
  const { media, track, warnings } = await opened(cut);
  const last = track.samples.at(-1);
  if (last === undefined) throw new Error('there is no sample');
  expect(last.offset + last.sizeBytes).toBeLessThanOrEqual(100_000);
  expect(track.durationSeconds).toBeCloseTo(track.samples.length / 10);
  expect((await media.readSample(last)).length).toBe(last.sizeBytes);
  expect(warnings.join('')).toContain('only a part of the video is usable');
});

test('parameter sets that lie in the frames instead of the description are found there', async () => {
  const inBand = join(await temporaryFolder(), 'avc3.mp4');
  const source = ['filesrc', `location=${street}`, '!', 'qtdemux', '!', 'h264parse', 'config-interval=-1'];
  const target = [
    'video/x-h264,stream-format=avc3,alignment=au',
    '!',
    'mp4mux',
    '!',
    'filesink',
    `location=${inBand}`,
  ];
  await execa('gst-launch-1.0', ['-q', ...source, '!', ...target]);
  const [described, found] = [await opened(street), await opened(inBand)];
  expect(found.track.samples).toHaveLength(600);
  expect(found.track.parameterSets).toEqual(described.track.parameterSets);
});
