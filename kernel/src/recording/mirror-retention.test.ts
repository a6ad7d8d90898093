import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createCameraRegistry } from '../cameras/registry.ts';
import { oldestMirrorFiles } from '../mirror/mirror-files.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { closedFileName } from './file-names.ts';
import { mirrorRetention, type MirrorRetentionOptions } from './mirror-retention.ts';

const hourMs = 3_600_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
let mirrorDir: string;
let test: TestStore;
let paths: string[];
beforeEach(async () => {
  mirrorDir = await mkdtemp(join(tmpdir(), 'heldar-mirror-'));
  // Their cameras keep footage for a day.
  test = await openTestStore({ cameras: ['gate', 'yard'] });
  paths = [];
  for (const hours of [50, 40, 10, 5])
    for (const camera of ['gate', 'yard']) {
      const path = `${camera}/${closedFileName(test.clock.now() - hours * hourMs)}`;
      await mkdir(join(mirrorDir, camera), { recursive: true });
      await writeFile(join(mirrorDir, path), Buffer.alloc(100));
      paths.push(path);
    }
});
afterEach(async () => {
  await test.close();
  await rm(mirrorDir, { recursive: true });
});

const there = () => paths.filter((path) => existsSync(join(mirrorDir, path)));
/** Free space that grows with what is deleted. */
const disk = (freeBytes: number) => () =>
  Promise.resolve({ freeBytes: freeBytes + 100 * (paths.length - there().length), totalBytes: 10_000 });

async function run(limits: Partial<MirrorRetentionOptions>, times = 1): Promise<void> {
  const chore = mirrorRetention({
    store: test.store,
    registry: createCameraRegistry(test),
    clock: test.clock,
    mirrorDir,
    isOurs: () => Promise.resolve(true),
    oldest: oldestMirrorFiles,
    maxBytes: 0,
    minFreeBytes: 0,
    readDisk: disk(1000),
    everyMs: 0,
    log,
    ...limits,
  });
  for (let n = 0; n < times; n += 1) await chore.run(new AbortController().signal);
}

it('takes what is older than its camera keeps footage, but for what is held as evidence', async () => {
  const held = paths[0] ?? '';
  const segment = {
    id: 'held',
    path: held,
    startTime: 0,
    endTime: 1,
    codec: null,
    width: null,
    height: null,
    sizeBytes: 100,
  };
  await test.store.write('segments.add', { incarnation: 1, segment, live: null });
  await test.store.write('segments.hold', { id: 'held', held: true, incidentId: null });
  await run({});
  expect(there()).toEqual([held, ...paths.slice(4)]);
});

it('takes the oldest down to its size, and no one more', async () => {
  await run({ maxBytes: 250 });
  expect(there()).toEqual(paths.slice(6));
});

it('makes room on its own disk', async () => {
  await run({ minFreeBytes: 1550 });
  expect(there()).toEqual(paths.slice(6));
});

it('that gives no space back goes on with one file at a time', async () => {
  const full = { freeBytes: 0, totalBytes: 10_000 };
  await run({ minFreeBytes: 500, readDisk: () => Promise.resolve(full) }, 2);
  expect(there()).toEqual(paths.slice(6));
});

it('deletes nothing in a folder that is not the one it was', async () => {
  await run({ maxBytes: 1, isOurs: () => Promise.resolve(false) });
  expect(there()).toEqual(paths);
});
