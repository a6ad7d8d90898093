import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { cameraCreateBody, newCamera } from '../cameras/validation.ts';
import { createCameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { findMediaTools, type MediaTools } from '../media/tools.ts';
import { openKeyring } from '../secrets/keyring.ts';
import { openWriter } from '../store/database.ts';
import { intendedSpans } from '../store/intent-queries.ts';
import { kernelMigrations } from '../store/kernel-migrations.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { openStore, type Store } from '../store/store.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createFleet, type Fleet } from './fleet.ts';
import { createIndexer } from './indexer.ts';
import { createRecordingRoots } from './roots.ts';

const minuteMs = 60_000;
const checkMs = 30_000;
const defaults = {
  segmentSeconds: 60,
  retentionHours: 24,
  quotaGb: 0,
  recordAudio: false,
  preRollSeconds: 10,
  postRollSeconds: 30,
};
const log = { debug() {}, info() {}, warn() {}, error() {} };

let store: Store;
let tools: MediaTools;
let folder: string;
const time = createFakeClock();
/** How far the wall clock was set, ms. */
let setBy = 0;
let clock: Clock;
beforeAll(async () => {
  tools = await findMediaTools();
  folder = await mkdtemp(join(tmpdir(), 'heldar-fleet-'));
  clock = { ...time, now: () => time.now() + setBy };
  const file = join(folder, 'heldar.db');
  const db = openWriter(file);
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  db.close();
  const onExit = (error: Error) => {
    throw error;
  };
  const listeners = { onBatch() {}, onRecord() {}, onJournal() {}, onSettled() {}, onExit };
  store = await openStore({
    file,
    clock,
    keyring: openKeyring(file, { key: null, keyFile: join(folder, 'secret.key') }),
    listeners,
  });
});
afterAll(async () => {
  await store.close();
  await rm(folder, { recursive: true, force: true });
});

/** Its cameras have no address: what is wanted of them is decided all the same. */
async function newFleet(): Promise<Fleet> {
  const roots = createRecordingRoots({ store, clock, recordingsDir: join(folder, 'recordings'), log });
  await roots.check('');
  return createFleet({
    store,
    registry: createCameraRegistry({ store }),
    indexer: createIndexer({ store, clock, roots, log }),
    tools,
    clock,
    random: () => 0.5,
    roots,
    ringDir: join(folder, 'ring'),
    enabled: true,
    checkMs,
    timeZone: 'UTC',
    marker: folder,
    log,
  });
}

async function scheduledCamera(id: string, zone: string | null, windows: [string, string][]) {
  const body = cameraCreateBody.parse({ name: id, record_mode: 'scheduled', time_zone: zone });
  const { incarnation } = await store.write('cameras.create', newCamera(body, defaults));
  for (const [index, [timeStart, timeEnd]] of windows.entries()) {
    const columns = { days: [0, 1, 2, 3, 4, 5, 6], timeStart, timeEnd, enabled: true };
    await store.write('schedules.create', { id: `${id}-${index}`, cameraId: id, columns });
  }
  return incarnation;
}

const spansOf = (incarnation: number) =>
  intendedSpans(store.read, incarnation, 0, Number.MAX_SAFE_INTEGER).map(({ startTime, endTime }) => [
    new Date(startTime).toISOString(),
    endTime === null ? null : new Date(endTime).toISOString(),
  ]);

it('follows windows as they open and close, in each zone, and soon after the clock was set', async () => {
  // The clock stands at midnight in UTC, half past five in Kolkata.
  const office = await scheduledCamera('office', null, [
    ['00:02', '00:05'],
    ['01:00', '01:30'],
  ]);
  await scheduledCamera('abroad', 'Asia/Kolkata', [['05:32', '05:35']]);
  const fleet = await newFleet();
  await fleet.start();
  const pass = (ms: number) =>
    time.advance(ms, () =>
      Promise.all([fleet.reconcile('office'), fleet.reconcile('abroad')]).then(() => undefined),
    );
  expect(fleet.wanted()).toEqual([]);
  await pass(2 * minuteMs - 1);
  expect(fleet.wanted()).toEqual([]);
  await pass(1);
  expect(fleet.wanted()).toEqual(['abroad', 'office']);
  await pass(3 * minuteMs);
  expect(fleet.wanted()).toEqual([]);
  expect(spansOf(office)).toEqual([['2026-01-01T00:02:00.000Z', '2026-01-01T00:05:00.000Z']]);

  setBy = 60 * minuteMs;
  await pass(checkMs);
  expect(fleet.wanted()).toEqual(['office']);
  setBy = 0;
  await pass(checkMs);
  expect(fleet.wanted()).toEqual([]);
  // What was meant while the clock was ahead stands where its footage does, and for as long as it lasted.
  const [, [from = '', to] = []] = spansOf(office);
  expect(from?.slice(0, 16)).toBe('2026-01-01T01:05');
  expect(Math.abs(Date.parse(to ?? '') - Date.parse(from ?? '') - checkMs)).toBeLessThan(1000);
  await fleet.stop();
  expect(time.nextDue()).toBeNull();
});

it('knows after a stop which windows were missed', async () => {
  const yard = await scheduledCamera('yard', null, [['08:00', '10:00']]);
  const before = await newFleet();
  await before.start();
  await before.stop();
  await time.advance(33 * 60 * minuteMs);
  const after = await newFleet();
  await after.start();
  expect(after.wanted()).toEqual(['yard']);
  expect(spansOf(yard)).toEqual([
    ['2026-01-01T08:00:00.000Z', '2026-01-01T10:00:00.000Z'],
    ['2026-01-02T08:00:00.000Z', null],
  ]);
  await after.stop();
});
