/** What does the recording of one camera hold, beside what an independent client of it has seen? */
import { readdirSync, statSync } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { footage } from '../footage.ts';
import { startSimulated, type SimulatedProcess } from '../simulated-process.ts';
import { readFrames, type FrameReader } from './frame-reader.ts';
import { readFrameTable, readRecordedEnds, type FrameTable } from './frame-table.ts';
import { sources, type SourceName } from './sources.ts';

export interface WatchedCamera extends AsyncDisposable {
  readonly name: SourceName;
  readonly camera: SimulatedProcess;
  /** In this instant; synchronous, so that nothing comes between it and a kill. */
  look(): Moment;
  /** How many files of the recording hold pictures and were begun after that wall-clock time, ms. */
  writtenSince(ms: number): Promise<number>;
  /** What the kill at that moment cost, once the recording goes on. */
  measure(moment: Moment): Promise<Loss | null>;
}

export interface Moment {
  /** Fingerprint of the last picture that the client had got. */
  readonly seen: string | null;
  /** Of the files there were, newest first. */
  readonly inodes: readonly number[];
  /** Wall clock, ms. */
  readonly at: number;
}

export interface Loss {
  /** From the last picture that can be decoded to the last that the client had got, s; below 0: more was recorded. */
  readonly tailSeconds: number;
  /** From there to the first picture of the recording that follows, s. */
  readonly holeSeconds: number;
}

/** `folder`: of the recordings of the camera, which need not exist yet. */
export async function watchCamera(name: SourceName, folder: string): Promise<WatchedCamera> {
  const camera = await startSimulated(sources[name].camera);
  const table = await readFrameTable(await footage(sources[name].camera.footage));
  const reader = await readFrames(camera.url);
  return {
    name,
    camera,
    look: () => ({ seen: reader.last, inodes: inodesIn(folder), at: Date.now() }),
    async writtenSince(ms) {
      const files = await filesOf(folder);
      const young = files.filter(({ birthtimeMs }) => birthtimeMs > ms);
      const ends = await Promise.all(young.map(({ file }) => readRecordedEnds(file)));
      return ends.filter((found) => found !== null).length;
    },
    measure: (moment) => measure(folder, table, moment),
    [Symbol.asyncDispose]: () => end(reader, camera),
  };
}

async function end(reader: FrameReader, camera: SimulatedProcess): Promise<void> {
  reader[Symbol.dispose]();
  await camera[Symbol.asyncDispose]();
}

function inodesIn(folder: string): number[] {
  const stats = readdirSync(folder)
    .filter((name) => name.endsWith('.mp4'))
    .map((name) => statSync(join(folder, name)));
  return stats.toSorted((a, b) => b.birthtimeMs - a.birthtimeMs).map(({ ino }) => ino);
}

/** A file keeps its inode under whatever name. */
async function filesOf(folder: string): Promise<{ file: string; ino: number; birthtimeMs: number }[]> {
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.mp4'));
  const found = names.map(async (name) => {
    const file = join(folder, name);
    const stats = await stat(file).catch(() => null);
    return stats === null ? [] : [{ file, ino: stats.ino, birthtimeMs: stats.birthtimeMs }];
  });
  return (await Promise.all(found)).flat();
}

async function measure(folder: string, table: FrameTable, moment: Moment): Promise<Loss | null> {
  const files = await filesOf(folder);
  const before = await newestWithPictures(files, moment.inodes);
  const after = files
    .filter(({ ino, birthtimeMs }) => birthtimeMs > moment.at && !moment.inodes.includes(ino))
    .toSorted((a, b) => a.birthtimeMs - b.birthtimeMs);
  const next = await firstWithPictures(after.map(({ file }) => file));
  if (moment.seen === null || before === null || next === null) return null;
  return {
    tailSeconds: secondsBetween(table, before.last, moment.seen),
    holeSeconds: forwardSeconds(table, before.last, next.first),
  };
}

async function newestWithPictures(
  files: readonly { file: string; ino: number }[],
  inodes: readonly number[],
) {
  const paths = inodes.flatMap((ino) => files.find((file) => file.ino === ino)?.file ?? []);
  return await firstWithPictures(paths);
}

async function firstWithPictures(files: readonly string[]) {
  for (const file of files) {
    const ends = await readRecordedEnds(file);
    if (ends !== null) return ends;
  }
  return null;
}

/** Through the file over and over, the shortest way, forwards or backwards. */
function secondsBetween(table: FrameTable, from: string, to: string): number {
  const half = table.durationSeconds / 2;
  const ways = waysBetween(table, from, to).map((way) => (way > half ? way - table.durationSeconds : way));
  return ways.reduce((best, way) => (Math.abs(way) < Math.abs(best) ? way : best));
}

function forwardSeconds(table: FrameTable, from: string, to: string): number {
  return Math.min(...waysBetween(table, from, to));
}

/** Never empty. */
function waysBetween({ secondsOf, durationSeconds }: FrameTable, from: string, to: string): number[] {
  const ways = secondsOf(from).flatMap((start) =>
    secondsOf(to).map((stop) => (stop - start + durationSeconds) % durationSeconds),
  );
  if (ways.length === 0) throw new Error('a picture is not of the footage that is shown');
  return ways;
}
