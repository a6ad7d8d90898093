/**
 * The mirror on a real disk that fails, in a process with mounts of its own: `unshare -Urm node mirror-faults.ts`.
 * Prints as JSON what was said of it and what lay on it after each fault.
 */
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { createMirrors } from '../src/mirror/mirrors.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { readMirrorStatus } from '../src/store/mirror-queries.ts';
import { openMediaStore, silentLog } from './media-store.ts';
import { until } from './until.ts';

const segmentBytes = 2 * 2 ** 20;
const media = await openMediaStore();
const { store, registry, recordingsDir, folder } = media;
const mirrorDir = join(folder, 'mirror');
const disk = join(folder, 'disk');
for (const path of [join(recordingsDir, 'gate'), mirrorDir, disk]) mkdirSync(path, { recursive: true });
const run = (program: string, ...args: string[]) => execFileSync(program, args);
run('mount', '-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', disk);
run('mount', '--bind', disk, mirrorDir);
await media.createCamera({ name: 'Gate', mirror_enabled: true });
const mirrors = createMirrors({
  store,
  registry,
  clock: systemClock,
  mirrorDir,
  roots: createRecordingRoots({ store, clock: systemClock, recordingsDir, log: silentLog }),
  pollMs: 20,
  // So that writing is what fails, not the look before it.
  freeBytes: () => Promise.resolve(Number.MAX_SAFE_INTEGER),
  log: silentLog,
});

let recorded = 0;
async function record(): Promise<void> {
  recorded += 1;
  const path = `gate/20260101_00000${recorded}.mp4`;
  writeFileSync(join(recordingsDir, path), Buffer.alloc(segmentBytes, recorded));
  const startTime = Date.UTC(2026, 0, 1, 0, 0, recorded);
  const incarnation = registry.incarnation('gate') ?? 0;
  const segment = { id: `seg_${recorded}`, path, startTime, endTime: startTime + 1000 };
  const unknown = { codec: null, width: null, height: null };
  await store.write('segments.add', {
    incarnation,
    segment: { ...segment, ...unknown, sizeBytes: segmentBytes },
    live: null,
  });
}

const said = () => readMirrorStatus(store.read, 'gate');
/** Whole copies: a new try may be under way. */
const files = () =>
  readdirSync(join(disk, 'gate'))
    .filter((name) => /^\d{8}_\d{6}\.mp4$/.test(name))
    .sort();

const outage = async () => {
  const lastError = await until('an outage', () => said()?.lastError);
  return { lastError, files: files() };
};
const recovery = async () => {
  await until('recovery', () => said()?.state === 'recording' && isDone());
  return { files: files() };
};
const isDone = () => media.sql('SELECT 1 FROM mirror_queue').length === 0;

mirrors.start();
await record();
await until('the first copy', isDone);
await record();
const full = await outage();
run('mount', '-o', 'remount,size=32m', disk);
const roomy = await recovery();

run('mount', '-o', 'remount,bind,ro', mirrorDir);
await record();
const readOnly = await outage();
run('mount', '-o', 'remount,bind,rw', mirrorDir);
const writable = await recovery();

run('umount', '-l', mirrorDir);
await record();
const unmounted = { ...(await outage()), left: readdirSync(mirrorDir) };
run('mount', '--bind', disk, mirrorDir);
const back = await recovery();

await mirrors.stop();
const events = media
  .sql<{ type: string }>('SELECT event_type AS type FROM events ORDER BY seq')
  .map(({ type }) => type);
for (const path of [mirrorDir, disk]) run('umount', '-l', path);
await media[Symbol.asyncDispose]();
process.stdout.write(JSON.stringify({ full, roomy, readOnly, writable, unmounted, back, events }));
