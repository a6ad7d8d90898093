import { mkdir, readdir, rm, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openMediaStore, silentLog, type MediaStore } from '../../test/media-store.ts';
import { systemClock } from '../clock.ts';
import { markerFile } from './folder-identity.ts';
import { createGarbage, type Garbage } from './garbage.ts';
import { createRecordingRoots, type RecordingRoots } from './roots.ts';

let media: MediaStore;
let roots: RecordingRoots;
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
  garbage = createGarbage({ ...options, roots });
});
afterEach(() => media[Symbol.asyncDispose]());

async function addAndPrune(root: string, name: string): Promise<string> {
  const file = join(roots.pathOf(root) ?? '', 'gate', name);
  await mkdir(join(file, '..'), { recursive: true });
  await writeFile(file, 'footage');
  const segment = {
    id: `seg_${name}`,
    root,
    path: `gate/${name}`,
    startTime: 0,
    endTime: 1,
    codec: null,
    width: null,
    height: null,
    sizeBytes: 7,
  };
  const incarnation = media.registry.incarnation('gate') ?? 0;
  await media.store.write('segments.add', { incarnation, segment, live: null });
  await media.store.write('segments.prune', { ids: [segment.id] });
  return file;
}
const filesOf = (root: string) => readdir(join(roots.pathOf(root) ?? '', 'gate'));
const waiting = () => media.sql('SELECT 1 FROM garbage').length;

test('the files of pruned rows go, those that nobody named stay', async () => {
  await addAndPrune('', '1.mp4');
  await addAndPrune('nas', '2.mp4');
  await writeFile(join(media.recordingsDir, 'gate/unknown.mp4'), '');
  expect(waiting()).toBe(2);
  expect(await garbage.empty()).toEqual({ files: 2, sizeBytes: 14, kept: 0 });
  expect([await filesOf(''), await filesOf('nas'), waiting()]).toEqual([['unknown.mp4'], [], 0]);
});

test('a preview goes with its segment', async () => {
  const file = await addAndPrune('', '1.mp4');
  await media.store.write('segments.add', {
    incarnation: media.registry.incarnation('gate') ?? 0,
    segment: {
      id: 'seg_p',
      path: 'gate/20260101_000000.mp4',
      startTime: 0,
      endTime: 1,
      codec: null,
      width: null,
      height: null,
      sizeBytes: 1,
    },
    live: null,
  });
  await writeFile(join(file, '../20260101_000000.jpg'), 'still');
  await media.setPreviewBytes('seg_p', 5);
  await media.store.write('segments.prune', { ids: ['seg_p'] });
  await garbage.empty();
  expect([await filesOf(''), waiting()]).toEqual([[], 0]);
});

test('a file that is gone already is what was wanted; one that can not be deleted is tried again', async () => {
  await unlink(await addAndPrune('', '1.mp4'));
  const stubborn = await addAndPrune('', '2.mp4');
  await unlink(stubborn);
  // A folder in its place: not to be deleted as a file.
  await mkdir(stubborn);
  expect(await garbage.empty()).toMatchObject({ files: 1, kept: 1 });
  await rm(stubborn, { recursive: true });
  expect(await garbage.empty()).toMatchObject({ files: 1, kept: 0 });
});

test('nothing is forgotten while a disk is away, also when that is seen only while deleting', async () => {
  const file = await addAndPrune('nas', '1.mp4');
  await addAndPrune('', '2.mp4');
  const nas = roots.pathOf('nas') ?? '';
  // Unmounted, unnoticed: the mount point is empty. The index knows footage there.
  const segment = {
    id: 'seg_left',
    root: 'nas',
    path: 'gate/left.mp4',
    startTime: 0,
    endTime: 1,
    codec: null,
    width: null,
    height: null,
    sizeBytes: 1,
  };
  const incarnation = media.registry.incarnation('gate') ?? 0;
  await media.store.write('segments.add', { incarnation, segment, live: null });
  await unlink(join(nas, markerFile));
  await unlink(file);
  expect(roots.identity('nas')).toBe('ours');
  expect(await garbage.empty()).toMatchObject({ files: 1, kept: 1 });
  expect(roots.identity('nas')).toBe('missing');
  expect(await garbage.empty()).toMatchObject({ files: 0, kept: 1 });
});

test('more than one step holds is done in one go', async () => {
  const names = Array.from({ length: 205 }, (_, index) => `${index}.mp4`);
  await Promise.all(names.map((name) => addAndPrune('', name)));
  expect(await garbage.empty()).toMatchObject({ files: 205, kept: 0 });
});
