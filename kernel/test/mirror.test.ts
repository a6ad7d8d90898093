import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { systemClock } from '../src/clock.ts';
import { oldestMirrorFiles } from '../src/mirror/mirror-files.ts';
import { mirrorMarkerFile } from '../src/mirror/mirror-folder.ts';
import { createMirrors, type Mirrors, type MirrorsOptions } from '../src/mirror/mirrors.ts';
import { markerFile } from '../src/recording/folder-identity.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { readMirrorStatus } from '../src/store/mirror-queries.ts';
import { openMediaStore, silentLog, type MediaStore } from './media-store.ts';
import { until } from './until.ts';

let media: MediaStore;
let mirrorDir: string;
let mirrors: Mirrors;
function start(more: Partial<MirrorsOptions> = {}): void {
  mirrors = createMirrors({
    store: media.store,
    registry: media.registry,
    clock: systemClock,
    mirrorDir,
    roots: createRecordingRoots({ ...media, clock: systemClock, log: silentLog }),
    pollMs: 20,
    log: silentLog,
    ...more,
  });
  mirrors.start();
}

/** As the indexer adds one: the file first. `second`: of the first of January, 00:00. */
async function record(cameraId: string, second: number): Promise<string> {
  const file = `20260101_0000${String(second).padStart(2, '0')}.mp4`;
  const path = `${cameraId}/${file}`;
  await mkdir(join(media.recordingsDir, cameraId), { recursive: true });
  await writeFile(join(media.recordingsDir, path), Buffer.alloc(2_500_000, second));
  const startTime = Date.UTC(2026, 0, 1, 0, 0, second);
  const segment = {
    id: `seg_${path}`,
    path,
    startTime,
    endTime: startTime + 1000,
    codec: null,
    width: null,
    height: null,
    sizeBytes: 2_500_000,
  };
  const incarnation = media.registry.incarnation(cameraId) ?? 0;
  await media.store.write('segments.add', { incarnation, segment, live: null });
  return path;
}

const status = () => readMirrorStatus(media.store.read, 'gate');
const waiting = () => media.sql('SELECT * FROM mirror_queue').length;
const events = () =>
  media
    .sql<{ type: string; camera: string; payload: string }>(
      'SELECT event_type AS type, camera_id AS camera, payload FROM events ORDER BY seq',
    )
    .map(({ type, camera, payload }) => [type, camera, JSON.parse(payload) as unknown]);
const copies = async () => (await readdir(join(mirrorDir, 'gate'))).sort();
const isIn = (state: string) => until(state, () => status()?.state === state);

describe('the mirror', () => {
  beforeEach(async () => {
    media = await openMediaStore();
    mirrorDir = join(media.folder, 'mirror');
    await media.createCamera({ name: 'Gate', mirror_enabled: true });
    await media.createCamera({ name: 'Yard' });
  });
  afterEach(async () => {
    await mirrors.stop();
    await media[Symbol.asyncDispose]();
  });

  test('has each segment of a mirrored camera, byte by byte, and none of others', async () => {
    start();
    const paths = [await record('gate', 1), await record('gate', 2)];
    await record('yard', 1);
    await until('both copies', () => waiting() === 0);
    for (const path of paths)
      expect(await readFile(join(mirrorDir, path))).toEqual(await readFile(join(media.recordingsDir, path)));
    expect((await readdir(mirrorDir)).sort()).toEqual([mirrorMarkerFile, 'gate']);
    expect(await copies()).toEqual(['20260101_000001.mp4', '20260101_000002.mp4']);
    expect(status()).toMatchObject({
      state: 'recording',
      lastError: null,
      lastSegmentAt: Date.UTC(2026, 0, 1, 0, 0, 3),
    });
    expect(events()).toEqual([]);
  });

  test('catches up after its disk was away, and tells of it once', async () => {
    start();
    await record('gate', 1);
    await until('a copy', () => waiting() === 0);
    const away = join(media.folder, 'away');
    await rename(mirrorDir, away);
    // What an unmounted disk leaves: the folder it was mounted on.
    await mkdir(mirrorDir);
    await isIn('offline');
    expect(status()?.lastError).toContain('is its disk mounted?');
    await record('gate', 2);
    await record('gate', 3);
    expect(await readdir(mirrorDir)).toEqual([]);

    await rm(mirrorDir, { recursive: true });
    await rename(away, mirrorDir);
    await isIn('recording');
    await until('all copies', () => waiting() === 0);
    expect(await copies()).toEqual(['20260101_000001.mp4', '20260101_000002.mp4', '20260101_000003.mp4']);
    expect(events()).toEqual([
      ['mirror_offline', 'gate', { reason: expect.stringContaining('mounted') }],
      ['mirror_online', 'gate', { offline_seconds: expect.any(Number) }],
    ]);
  });

  test('is not written to while its disk is full, and goes on when there is room', async () => {
    let free = 10_000_000;
    start({ freeBytes: () => Promise.resolve(free) });
    await record('gate', 1);
    await isIn('offline');
    expect(status()?.lastError).toBe('the mirror disk is full');
    expect(await readdir(mirrorDir)).toEqual([mirrorMarkerFile]);
    free = 1_000_000_000;
    await until('the copy', () => waiting() === 0);
    await isIn('recording');
  });

  test('takes up what was left when the kernel ended, also what a copy that was cut off left', async () => {
    start();
    await record('gate', 1);
    await until('a copy', () => waiting() === 0);
    await mirrors.stop();
    await record('gate', 2);
    await writeFile(join(mirrorDir, 'gate', '.20260101_000002.mp4.partial'), 'half');
    await writeFile(join(mirrorDir, 'gate', '.20251231_000002.mp4.partial'), 'of a segment that is gone');
    start();
    await until('the copy', () => waiting() === 0);
    expect(await copies()).toEqual(['20260101_000001.mp4', '20260101_000002.mp4']);
  });

  test('is not held up by segments that are gone or can not be read', async () => {
    const gone = await record('gate', 1);
    await rm(join(media.recordingsDir, gone));
    const unreadable = await record('gate', 2);
    await rm(join(media.recordingsDir, unreadable));
    await mkdir(join(media.recordingsDir, unreadable));
    await record('gate', 3);
    start();
    await until('the copy', () => waiting() === 0);
    expect(await copies()).toEqual(['20260101_000003.mp4']);
    expect(events()).toEqual([]);
  });

  test('keeps its hands off a folder that is another site’s, or holds recordings', async () => {
    await mkdir(mirrorDir);
    await writeFile(join(mirrorDir, mirrorMarkerFile), 'another\n');
    start();
    await record('gate', 1);
    await isIn('error');
    expect(status()?.lastError).toContain('another site');
    await mirrors.stop();
    await rm(join(mirrorDir, mirrorMarkerFile));
    await writeFile(join(mirrorDir, markerFile), 'another\n');
    start();
    await until('another reason', () => status()?.lastError?.includes('is a recordings folder'));
    await mirrors.stop();
    start({ mirrorDir: join(media.recordingsDir, 'mirror') });
    await until('another reason', () => status()?.lastError?.includes('within one another'));
    expect(waiting()).toBe(1);
    expect(events()).toHaveLength(1);
  });

  test('says so when its disk does not answer, and lets the kernel stop', async () => {
    start({ freeBytes: () => new Promise(() => {}), stallMs: 50, stopLimitMs: 100 });
    await record('gate', 1);
    await isIn('offline');
    expect(status()?.lastError).toContain('has not answered');
  });

  test('lists its files oldest first, whatever their camera', async () => {
    await media.store.write('cameras.update', {
      id: 'yard',
      expectedUpdatedAt: media.registry.get('yard')?.updatedAt ?? 0,
      columns: { mirrorEnabled: true },
      secrets: {},
    });
    for (const second of [5, 1, 3]) await record('gate', second);
    for (const second of [2, 4]) await record('yard', second);
    start();
    await until('all copies', () => waiting() === 0);
    const listed = [];
    for await (const file of oldestMirrorFiles(mirrorDir)) listed.push(file);
    expect(listed.map(({ path }) => path)).toEqual([
      'gate/20260101_000001.mp4',
      'yard/20260101_000002.mp4',
      'gate/20260101_000003.mp4',
      'yard/20260101_000004.mp4',
      'gate/20260101_000005.mp4',
    ]);
    expect(listed[0]).toMatchObject({
      cameraId: 'gate',
      sizeBytes: 2_500_000,
      startTime: Date.UTC(2026, 0, 1, 0, 0, 1),
    });
  });
});

interface Fault {
  readonly lastError: string;
  readonly files: readonly string[];
}

test('a real disk that is full, read-only or unmounted is told of, and then caught up with', async () => {
  const script = fileURLToPath(new URL('mirror-faults.ts', import.meta.url));
  const args = ['-Urm', process.execPath, '--conditions=heldar-source', script];
  const { stdout } = await promisify(execFile)('unshare', args);
  const report = JSON.parse(stdout) as Record<'full' | 'readOnly' | 'unmounted', Fault> &
    Record<'roomy' | 'writable' | 'back', Pick<Fault, 'files'>> & {
      events: string[];
      unmounted: { left: string[] };
    };
  const upTo = (last: number) => Array.from({ length: last }, (_, index) => `20260101_00000${index + 1}.mp4`);
  expect(report.full).toEqual({ lastError: 'the mirror disk is full', files: upTo(1) });
  expect(report.roomy.files).toEqual(upTo(2));
  expect(report.readOnly).toEqual({
    lastError: 'the mirror folder can not be written to (EROFS)',
    files: upTo(2),
  });
  expect(report.writable.files).toEqual(upTo(3));
  expect(report.unmounted.lastError).toContain('is its disk mounted?');
  expect(report.unmounted.left).toEqual([]);
  expect(report.back.files).toEqual(upTo(4));
  const [off, on] = ['mirror_offline', 'mirror_online'];
  expect(report.events).toEqual([off, on, off, on, off, on]);
});
