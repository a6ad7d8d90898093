/**
 * Retention on real disks that fail, in a process with mounts of its own: `unshare -Urm node retention-faults.ts`.
 * Prints as JSON what was there before and after each fault.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, statfsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { createGarbage } from '../src/recording/garbage.ts';
import { createRetention } from '../src/recording/retention.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { openMediaStore, silentLog } from './media-store.ts';

const mebibyte = 2 ** 20;
const hourMs = 3_600_000;
const segmentBytes = mebibyte / 2;
const floorBytes = 4 * mebibyte;

const media = await openMediaStore();
const { store, registry, recordingsDir, folder } = media;
const second = join(folder, 'second');
const disks = { first: join(folder, 'disk-first'), second: join(folder, 'disk-second') };
const mount = (...args: string[]) => execFileSync('mount', args);
for (const path of [recordingsDir, second, disks.first, disks.second]) mkdirSync(path);
for (const path of Object.values(disks)) mount('-t', 'tmpfs', '-o', 'size=32m', 'tmpfs', path);
mount('--bind', disks.first, recordingsDir);
mount('--bind', disks.second, second);
await media.createCamera({ name: 'A', retention_hours: 500 });
await media.createCamera({ name: 'B', retention_hours: 500 });

const common = { store, registry, clock: systemClock, recordingsDir, log: silentLog };
const roots = createRecordingRoots({ ...common, others: [{ name: 'second', path: second }] });
for (const { name } of roots.all) await roots.check(name);
const retention = createRetention({
  ...common,
  roots,
  garbage: createGarbage({ ...common, roots }),
  intervalMs: hourMs,
  maxRecordingsBytes: 0,
  minFreeBytes: floorBytes,
  reserveFile: null,
});

async function addSegment(cameraId: string, root: string, hoursAgo: number): Promise<void> {
  const path = `${cameraId}/${root}${hoursAgo}.mp4`;
  const place = join(root === '' ? recordingsDir : second, cameraId);
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, `${root}${hoursAgo}.mp4`), Buffer.alloc(segmentBytes));
  const endTime = Date.now() - hoursAgo * hourMs;
  await store.write('segments.add', {
    incarnation: registry.incarnation(cameraId) ?? 0,
    segment: {
      id: `seg_${path}`,
      root,
      path,
      startTime: endTime - 60_000,
      endTime,
      codec: null,
      width: null,
      height: null,
      sizeBytes: segmentBytes,
    },
    live: null,
  });
}

/** Indexed segments whose file is there, and those whose file is not. */
function footage(): { whole: string[]; without: string[] } {
  const rows = media.sql<{ root: string; path: string }>('SELECT root, path FROM segments ORDER BY path');
  const placed = rows.map(({ root, path }) => ({
    path,
    file: join(disks[root === '' ? 'first' : 'second'], path),
  }));
  return {
    whole: placed.filter(({ file }) => existsSync(file)).map(({ path }) => path),
    without: placed.filter(({ file }) => !existsSync(file)).map(({ path }) => path),
  };
}

const freeBytes = () => {
  const { bavail, bsize } = statfsSync(recordingsDir);
  return bavail * bsize;
};

/** Fills what is left to the last byte, as another program would. */
function fill(): void {
  try {
    for (let n = 0; ; n += 1) writeFileSync(join(recordingsDir, `filler${n}`), Buffer.alloc(mebibyte));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
  }
}

const report: Record<string, unknown> = {};

// The disk of the recordings folder is full; on the other one there is room.
for (let n = 20; n > 0; n -= 1) await addSegment('a', '', n);
for (let n = 10; n > 0; n -= 1) await addSegment('b', '', n);
for (let n = 3; n > 0; n -= 1) await addSegment('a', 'second', n);
fill();
const freeBefore = freeBytes();
const deleted = await retention.makeRoom();
report['full'] = { freeBefore, deleted, freeAfter: freeBytes(), ...footage() };

// From here on footage is too old on both disks; those of the first must stay while it can't be written to, or is not there.
const addOld = async (hoursAgo: number) => {
  await addSegment('b', '', hoursAgo);
  await addSegment('b', 'second', hoursAgo);
};
await addOld(600);
mount('-o', 'remount,ro,bind', recordingsDir);
report['readOnly'] = { deleted: await retention.sweep(), ...footage() };
execFileSync('umount', ['--lazy', recordingsDir]);
await addSegment('b', 'second', 601);
report['unmounted'] = { deleted: await retention.sweep(), ...footage() };

const foreign = join(folder, 'disk-foreign');
mkdirSync(foreign);
writeFileSync(join(foreign, '.heldar-store'), 'another\n');
mount('--bind', foreign, recordingsDir);
await addSegment('b', 'second', 602);
report['swapped'] = { deleted: await retention.sweep(), ...footage() };

// The right disk is back.
execFileSync('umount', ['--lazy', recordingsDir]);
mount('--bind', disks.first, recordingsDir);
report['back'] = { deleted: await retention.sweep(), ...footage() };

await retention.stop();
for (const path of [recordingsDir, second, disks.first, disks.second])
  execFileSync('umount', ['--lazy', path]);
await media[Symbol.asyncDispose]();
console.log(JSON.stringify(report));
