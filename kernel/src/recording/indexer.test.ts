import { copyFile, mkdir, readdir, rename, rm, truncate, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMediaStore, silentLog, type MediaStore } from '../../test/media-store.ts';
import { systemClock } from '../clock.ts';
import { listSegments } from '../store/segment-queries.ts';
import { closedFileName, openFileName } from './file-names.ts';
import { createGarbage, type Garbage } from './garbage.ts';
import { createIndexer, type IndexedRun, type Indexer } from './indexer.ts';
import { adoptNamedFiles, scanFolder } from './leftovers.ts';
import { createRecordingRoots, type RecordingRoots } from './roots.ts';

const street = fileURLToPath(new URL('../../../examples/media/street.mp4', import.meta.url));
let media: MediaStore;
let roots: RecordingRoots;
let indexer: Indexer;
let garbage: Garbage;
beforeEach(async () => {
  media = await openMediaStore();
  await media.createCamera({ name: 'Gate' });
  const options = { store: media.store, clock: systemClock, log: silentLog };
  roots = createRecordingRoots({
    ...options,
    recordingsDir: media.recordingsDir,
    others: [{ name: 'nas', path: join(media.folder, 'nas') }],
  });
  await Promise.all(roots.all.map(({ name }) => roots.check(name)));
  for (const { path } of roots.all) await mkdir(join(path, 'gate'), { recursive: true });
  indexer = createIndexer({ ...options, roots });
  garbage = createGarbage({ ...options, roots });
});
afterEach(() => media[Symbol.asyncDispose]());

function runIn(root: string): IndexedRun {
  const camera = media.registry.get('gate');
  if (camera === undefined) throw new Error('no camera');
  return { camera, root, startedAt: 0, intendedSince: 0, previousEnd: null };
}
const folderOf = (root: string) => join(roots.pathOf(root) ?? '', 'gate');
const segments = () => listSegments(media.store.read, 'gate', {}, 100);
const closed = (index: number) => ({
  file: openFileName('w0123456789abcdef', index),
  lastGrowthAt: null,
  isLive: false,
});

test('two roots never have a segment of the same path: it is the address of the file', async () => {
  const at = Date.now();
  for (const root of ['', 'nas']) {
    await copyFile(street, join(folderOf(root), closed(0).file));
    expect(await indexer.index(runIn(root), { ...closed(0), lastGrowthAt: at })).toBe(true);
  }
  const paths = segments().map(({ path }) => path);
  expect(new Set(paths).size).toBe(2);
  expect(segments().map(({ root }) => root)).toEqual(['', 'nas']);
});

test('a file that is about to be deleted is neither adopted again nor lends its name', async () => {
  const at = Date.now();
  await copyFile(street, join(folderOf(''), closed(0).file));
  await indexer.index(runIn(''), { ...closed(0), lastGrowthAt: at });
  const [first] = segments();
  const path = first?.path ?? '';
  await media.store.write('segments.prune', { ids: [first?.id ?? ''] });
  const scan = await scanFolder(runIn('').camera, { name: '', path: media.recordingsDir });
  expect(scan.names).toEqual([path.slice('gate/'.length)]);
  expect(await adoptNamedFiles(indexer, media.store, scan)).toBe(0);
  // The file is gone already, its row in the garbage not yet: as after a crash.
  await unlink(join(media.recordingsDir, path));
  await copyFile(street, join(folderOf(''), closed(1).file));
  await indexer.index(runIn(''), { ...closed(1), lastGrowthAt: at });
  await garbage.empty();
  const kept = segments().map((segment) => segment.path);
  expect(kept).toHaveLength(1);
  expect(kept).not.toEqual([path]);
  expect(await readdir(folderOf(''))).toEqual(kept.map((name) => name.slice('gate/'.length)));
});

test('what can not be read goes to quarantine once; what the recorder left empty goes', async () => {
  const broken = closedFileName(Date.UTC(2026, 0, 1));
  await writeFile(join(folderOf(''), broken), 'no movie');
  await writeFile(join(folderOf(''), closed(0).file), '');
  await copyFile(street, join(folderOf(''), closed(1).file));
  // A header without a whole picture.
  await truncate(join(folderOf(''), closed(1).file), 60);
  const run = runIn('');
  expect(await indexer.adoptNamed(run.camera, '', broken, 0)).toBe(false);
  for (const index of [0, 1]) expect(await indexer.index(run, closed(index))).toBe(false);
  expect(segments()).toEqual([]);
  expect(await readdir(folderOf(''))).toEqual([]);
  const kept = media.sql<{ path: string; reason: string }>(
    'SELECT path, reason FROM quarantined ORDER BY path',
  );
  expect(kept.map(({ path }) => path)).toContain(`.quarantine/gate/${broken}`);
  // Another of that name does not take its place.
  await writeFile(join(folderOf(''), broken), 'no movie either');
  await indexer.adoptNamed(run.camera, '', broken, 0);
  expect(await readdir(join(media.recordingsDir, '.quarantine/gate'))).toContain(
    broken.replace('.mp4', '-2.mp4'),
  );
  expect(media.sql(`SELECT 1 FROM events WHERE event_type = 'recording_quarantined'`)).toHaveLength(
    kept.length + 1,
  );
});

test('what could not be indexed is tried again, and indexed once', async () => {
  const file = join(folderOf(''), closed(0).file);
  await copyFile(street, `${file}.away`);
  // Not readable as a file: neither footage nor a reason for quarantine.
  await mkdir(file);
  expect(await indexer.index(runIn(''), closed(0))).toBe(false);
  expect(await indexer.retry()).toBe(0);
  await rm(file, { recursive: true });
  await rename(`${file}.away`, file);
  expect(await indexer.retry()).toBe(1);
  expect(await indexer.retry()).toBe(0);
  expect(segments()).toHaveLength(1);
});
