/** Retention when the disk that holds database and recordings is full to the last byte: `unshare -Urm node retention-full-database.ts`. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmdirSync, statfsSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../src/clock.ts';
import { createGarbage } from '../src/recording/garbage.ts';
import { createRecordingRoots } from '../src/recording/roots.ts';
import { createRetention, type Retention } from '../src/recording/retention.ts';
import { openMediaStore, silentLog } from './media-store.ts';

const segmentBytes = 2 ** 19;
const disk = mkdtempSync(join(tmpdir(), 'heldar-full-'));
execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=128m', 'tmpfs', disk]);
process.env['TMPDIR'] = disk;
const media = await openMediaStore();
const { store, registry, recordingsDir, folder } = media;
await media.createCamera({ name: 'A', retention_hours: 500 });

const common = { store, registry, clock: systemClock, recordingsDir, log: silentLog };
const roots = createRecordingRoots(common);
await roots.check('');
const retentionWith = (reserveFile: string | null, minFreeBytes: number): Retention =>
  createRetention({
    ...common,
    roots,
    garbage: createGarbage({ ...common, roots }),
    intervalMs: 3_600_000,
    maxRecordingsBytes: 0,
    minFreeBytes,
    reserveFile,
  });
const freeBytes = () => {
  const { bavail, bsize } = statfsSync(disk);
  return bavail * bsize;
};

mkdirSync(join(recordingsDir, 'a'), { recursive: true });
for (let n = 40; n > 0; n -= 1) {
  writeFileSync(join(recordingsDir, 'a', `${n}.mp4`), Buffer.alloc(segmentBytes));
  const endTime = Date.now() - n * 3_600_000;
  await store.write('segments.add', {
    incarnation: registry.incarnation('a') ?? 0,
    segment: {
      id: `seg_${n}`,
      path: `a/${n}.mp4`,
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
// A look at the disk in good times keeps space for bad ones.
const reserveFile = join(folder, 'reserve');
await retentionWith(reserveFile, 1).makeRoom();
try {
  for (let n = 0; ; n += 1) writeFileSync(join(disk, `filler${n}`), Buffer.alloc(2 ** 16));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
}
try {
  // To the last page.
  for (let n = 0; ; n += 1) writeFileSync(join(disk, `crumb${n}`), Buffer.alloc(4096));
} catch (error) {
  if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error;
}

const floorBytes = 24 * 2 ** 20;
const without = { deleted: await retentionWith(null, floorBytes).makeRoom(), freeBytes: freeBytes() };
const deleted = await retentionWith(reserveFile, floorBytes).makeRoom();
const withReserve = {
  deleted,
  freeBytes: freeBytes(),
  files: readdirSync(join(recordingsDir, 'a')).length,
  rows: media.sql('SELECT 1 FROM segments').length,
};
await media[Symbol.asyncDispose]();
execFileSync('umount', ['--lazy', disk]);
rmdirSync(disk);
console.log(JSON.stringify({ without, withReserve }));
