/** What becomes of the index when the clock of the machine is set while cameras are recorded. */
import { copyFile, mkdir, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Clock } from '../src/clock.ts';
import { openFileName } from '../src/recording/file-names.ts';
import { createIndexer, type IndexedRun, type Indexer } from '../src/recording/indexer.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { listSegments } from '../src/store/segment-queries.ts';
import { readMp4Info } from '../src/media/mp4-info.ts';
import { openMediaStore, silentLog, type MediaStore } from './media-store.ts';

const street = fileURLToPath(new URL('../../examples/media/street.mp4', import.meta.url));
const hour = 3_600_000;
const { durationMs } = await readMp4Info(street);

let media: MediaStore;
let wall = 0;
let monotonic = 0;
const clock: Clock = { now: () => wall, monotonic: () => monotonic, after: () => () => {} };
let count = 0;

beforeEach(async () => {
  media = await openMediaStore();
  await media.createCamera({ name: 'Gate' });
  await mkdir(join(media.recordingsDir, 'gate'), { recursive: true });
  wall = Date.UTC(2026, 0, 1, 12);
  monotonic = 0;
  count = 0;
});
afterEach(() => media[Symbol.asyncDispose]());

async function startIndexer(): Promise<Indexer> {
  const options = { store: media.store, clock, log: silentLog };
  const roots = createRecordingRoots({ ...options, recordingsDir: media.recordingsDir });
  await roots.check('');
  return createIndexer({ ...options, roots });
}

function startRun(): IndexedRun {
  const camera = media.registry.get('gate');
  if (camera === undefined) throw new Error('no camera');
  return { camera, root: '', startedAt: wall, intendedSince: wall, previousEnd: null };
}

function pass(ms: number): void {
  wall += ms;
  monotonic += ms;
}

/** A segment of the run is written for its length and closes, its time of writing as the clock says then. */
async function record(indexer: Indexer, run: IndexedRun, setBy = 0): Promise<void> {
  pass(durationMs / 2);
  wall += setBy;
  pass(durationMs / 2);
  const file = openFileName('w0123456789abcdef', (count += 1));
  const path = join(media.recordingsDir, 'gate', file);
  await copyFile(street, path);
  await utimes(path, wall / 1000, wall / 1000);
  expect(await indexer.index(run, { file, lastGrowthAt: null, isLive: true })).toBe(true);
}

const segments = () => listSegments(media.store.read, 'gate', {}, 100);
const gaps = () => media.sql<{ cause: string }>('SELECT cause FROM recording_gaps');

/** Nothing overlaps, nothing is empty, and together they are as long as what was recorded. */
function faultsOf(recorded: number): string[] {
  const found = segments();
  const total = found.reduce((sum, { startTime, endTime }) => sum + endTime - startTime, 0);
  return [
    ...(found.length === recorded ? [] : [`${found.length} segments, not ${recorded}`]),
    ...found.filter(({ startTime, endTime }) => endTime <= startTime).map(({ id }) => `${id} is empty`),
    ...found
      .slice(1)
      .filter(({ startTime }, index) => startTime < (found[index]?.endTime ?? 0))
      .map(({ id }) => `${id} overlaps the one before`),
    ...(Math.abs(total - recorded * durationMs) < 100 * recorded ? [] : [`${total} ms in all`]),
  ];
}

test('set forward by an hour: what follows is where the clock says, and the hour that never was is no gap', async () => {
  const indexer = await startIndexer();
  const run = startRun();
  await record(indexer, run);
  await record(indexer, run, hour);
  await record(indexer, run);
  expect(faultsOf(3)).toEqual([]);
  expect(Math.abs((segments().at(-1)?.endTime ?? 0) - wall)).toBeLessThan(100);
  expect(gaps()).toEqual([]);
  const [jump, ...others] = media.sql<{ cause: string; ms: number }>(
    'SELECT cause, end_time - start_time AS ms FROM recording_outages',
  );
  expect(others).toEqual([]);
  expect(jump?.cause).toBe('clock_jump');
  expect(Math.abs((jump?.ms ?? 0) - hour)).toBeLessThan(1000);
});

test('set back to where footage lies: recording goes on in time, behind it', async () => {
  const indexer = await startIndexer();
  const run = startRun();
  for (let index = 0; index < 4; index += 1) await record(indexer, run);
  const newest = segments().at(-1)?.endTime ?? 0;
  await record(indexer, run, -2.5 * durationMs);
  await record(indexer, run);
  await record(indexer, startRun());
  expect(faultsOf(7)).toEqual([]);
  expect(segments().filter(({ endTime }) => endTime > newest)).toHaveLength(3);
});

test('set back by an hour to where there is none: recording is where the clock says, in the same run and in the next', async () => {
  const indexer = await startIndexer();
  const run = startRun();
  await record(indexer, run);
  await record(indexer, run, -hour);
  await record(indexer, run);
  pass(1000);
  const next = startRun();
  await record(indexer, next);
  await record(indexer, next);
  expect(faultsOf(5)).toEqual([]);
  expect(gaps()).toEqual([]);
});

test('set back by an hour while the kernel is down: nothing is recorded over what is there', async () => {
  const before = await startIndexer();
  const run = startRun();
  for (let index = 0; index < 3; index += 1) await record(before, run);
  wall -= hour;
  const indexer = await startIndexer();
  const next = startRun();
  for (let index = 0; index < 3; index += 1) await record(indexer, next);
  expect(faultsOf(6)).toEqual([]);
});

test('set to and fro: no segment is ever empty, overlaps or is longer than its footage', async () => {
  const indexer = await startIndexer();
  let run = startRun();
  const steps = [0, hour, -hour, -hour, 500, -700, hour, 2 * hour, -3 * hour, 0];
  for (const [index, step] of steps.entries()) {
    await record(indexer, run, step);
    if (index % 3 === 2) run = startRun();
  }
  expect(faultsOf(steps.length)).toEqual([]);
});

test('a pause between two windows is no gap; what is missing at their edges is, with its cause', async () => {
  const indexer = await startIndexer();
  const run = startRun();
  const { incarnation } = run.camera;
  const intend = (reason: 'scheduled' | null, at: number) =>
    media.store.write('intents.change', { incarnation, reason, at });
  await intend('scheduled', wall);
  await record(indexer, run);
  const stoppedAt = wall;
  await media.store.write('outages.begin', { incarnation, at: stoppedAt, cause: 'stalled' });
  // The window goes on for a minute, the next opens after an hour, two minutes before it is recorded again.
  await intend(null, stoppedAt + 60_000);
  await media.store.write('outages.begin', { incarnation, at: stoppedAt + 60_000, cause: 'not_wanted' });
  pass(hour);
  await intend('scheduled', wall);
  await media.store.write('outages.begin', { incarnation, at: wall, cause: 'camera_offline' });
  pass(120_000);
  await record(indexer, startRun());
  const noted = media.sql<{ start_time: number; end_time: number; cause: string }>(
    'SELECT start_time, end_time, cause FROM recording_gaps ORDER BY start_time',
  );
  const seconds = noted.map(({ start_time, end_time, cause }) => [
    cause,
    Math.round((end_time - start_time) / 1000),
  ]);
  expect(seconds).toEqual([
    ['stalled', 60],
    ['camera_offline', 120],
  ]);
  expect(media.sql(`SELECT 1 FROM events WHERE event_type = 'recording_gap'`)).toHaveLength(2);
});
