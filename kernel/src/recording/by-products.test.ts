import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { openWriter, type SqliteDatabase } from '../store/database.ts';
import { openTestStore, type TestStore } from '../testing/test-store.ts';
import { byProductChores, type ByProductOptions } from './by-products.ts';
import type { FolderIdentity } from './folder-identity.ts';
import { createGarbage } from './garbage.ts';

const hourMs = 3_600_000;
const log = { debug() {}, info() {}, warn() {}, error() {} };
let folder: string;
let test: TestStore;
let db: SqliteDatabase;
let identity: FolderIdentity;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'heldar-by-products-'));
  test = await openTestStore({ cameras: ['gate'] });
  db = openWriter(test.store.file);
  identity = 'ours';
});
afterEach(async () => {
  db.close();
  await test.close();
  await rm(folder, { recursive: true });
});

async function run(limits: Partial<ByProductOptions>): Promise<void> {
  const { store, clock } = test;
  const path = join(folder, 'recordings');
  const roots = {
    all: [{ name: '', path }],
    pathOf: () => path,
    identity: () => identity,
    check: () => Promise.resolve({ identity, fault: null }),
  };
  const folders = { clip: join(folder, 'clips'), snapshot: join(folder, 'snapshots') };
  const chores = byProductChores({
    store,
    clock,
    log,
    roots,
    garbage: createGarbage({ store, roots, folders, log }),
    maxClipsBytes: 0,
    snapshotAgeMs: 0,
    unreadableAgeMs: 0,
    ...limits,
  });
  for (const chore of chores) await chore.run(new AbortController().signal);
}

async function file(path: string): Promise<void> {
  await mkdir(dirname(join(folder, path)), { recursive: true });
  await writeFile(join(folder, path), Buffer.alloc(100));
}

async function addClip(id: string, hoursAgo: number, clipState: string): Promise<void> {
  db.prepare(
    `INSERT INTO clips (id, camera_id, from_time, to_time, state, start_mode, size_bytes, segment_count, created_by, created_at)
     VALUES (?, 'gate', 0, 1, ?, 'exact', 100, 1, 'x', ?)`,
  ).run(id, clipState, test.clock.now() - hoursAgo * hourMs);
  await file(`clips/${id}.mp4`);
}

const there = (...paths: string[]) => paths.filter((path) => existsSync(join(folder, path)));

it('keeps the newest clips within their limit, and leaves alone what is being made', async () => {
  await addClip('c4', 4, 'building');
  for (const hours of [3, 2, 1]) await addClip(`c${hours}`, hours, 'ready');
  await run({});
  expect(there('clips/c3.mp4')).toHaveLength(1);
  await run({ maxClipsBytes: 250 });
  expect(there('clips/c1.mp4', 'clips/c2.mp4', 'clips/c3.mp4', 'clips/c4.mp4')).toEqual([
    'clips/c1.mp4',
    'clips/c2.mp4',
    'clips/c4.mp4',
  ]);
  expect(test.sql('SELECT id FROM clips ORDER BY id')).toEqual([{ id: 'c1' }, { id: 'c2' }, { id: 'c4' }]);
  expect(test.sql('SELECT * FROM garbage')).toEqual([]);
});

it('takes stills of schedules by age, in bounded steps', async () => {
  const insert = db.prepare(
    `INSERT INTO snapshots (id, camera_id, path, taken_at, size_bytes, created_at) VALUES (?, 'gate', ?, ?, 100, 0)`,
  );
  for (let n = 0; n < 450; n += 1)
    insert.run(`s${n}`, `gate/${n}.jpg`, test.clock.now() - 200 * hourMs + (n < 430 ? 0 : 199 * hourMs));
  await file('snapshots/gate/0.jpg');
  await file('snapshots/gate/449.jpg');
  await run({ snapshotAgeMs: 168 * hourMs });
  expect(there('snapshots/gate/0.jpg', 'snapshots/gate/449.jpg')).toEqual(['snapshots/gate/449.jpg']);
  expect(test.sql('SELECT count(*) AS n FROM snapshots')).toEqual([{ n: 20 }]);
  expect(test.sql('SELECT * FROM garbage')).toEqual([]);
});

it('takes unreadable recordings by age, and none on a disk that is not ours', async () => {
  const insert = db.prepare(
    `INSERT INTO quarantined (root, path, camera_id, reason, size_bytes, since) VALUES ('', ?, 'gate', 'x', 100, ?)`,
  );
  for (const [name, hours] of [
    ['old', 50],
    ['new', 1],
  ] as const) {
    insert.run(`gate/${name}.mp4`, test.clock.now() - hours * hourMs);
    await file(`recordings/gate/${name}.mp4`);
  }
  identity = 'missing';
  await run({ unreadableAgeMs: 24 * hourMs });
  expect(there('recordings/gate/old.mp4')).toHaveLength(1);
  identity = 'ours';
  await run({ unreadableAgeMs: 24 * hourMs });
  expect(there('recordings/gate/old.mp4', 'recordings/gate/new.mp4')).toEqual(['recordings/gate/new.mp4']);
  expect(test.sql('SELECT path FROM quarantined')).toEqual([{ path: 'gate/new.mp4' }]);
});
