/** What retention keeps within its limits at this site: recordings, and everything that lies beside them. */
import { dirname, join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import type { Settings } from '../config/settings.ts';
import { oldestMirrorFiles } from '../mirror/mirror-files.ts';
import { checkMirrorFolder } from '../mirror/mirror-folder.ts';
import { byProductChores } from '../recording/by-products.ts';
import type { Garbage } from '../recording/garbage.ts';
import type { Leases } from '../recording/leases.ts';
import { mirrorRetention } from '../recording/mirror-retention.ts';
import { createRetention, type Chore, type Retention } from '../recording/retention.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import { statDisk } from '../recording/stat-disk.ts';
import { hasCopies } from '../store/mirror-queries.ts';
import type { Store } from '../store/store.ts';

interface SiteRetentionOptions {
  readonly store: Store;
  readonly registry: CameraRegistry;
  readonly settings: Settings;
  readonly clock: Clock;
  readonly roots: RecordingRoots;
  readonly garbage: Garbage;
  readonly leases: Leases;
  readonly log: Logger;
}

const gib = 2 ** 30;
const hourMs = 3_600_000;

export function createSiteRetention(options: SiteRetentionOptions): Retention {
  const { settings, leases } = options;
  const { retention: limits } = settings;
  return createRetention({
    ...options,
    intervalMs: limits.intervalSeconds * 1000,
    maxRecordingsBytes: limits.maxRecordingsGb * gib,
    minFreeBytes: limits.minFreeDiskGb * gib,
    reserveFile: join(dirname(databaseFileOf(settings.databaseUrl)), 'reserve'),
    chores: [
      { name: 'leases', run: (signal) => leases.sweep(signal) },
      ...byProductChores({
        ...options,
        maxClipsBytes: limits.maxClipsGb * gib,
        snapshotAgeMs: limits.snapshotHours * hourMs,
        unreadableAgeMs: limits.quarantineDays * 24 * hourMs,
      }),
      ...mirrorChores(options),
    ],
  });
}

function mirrorChores(options: SiteRetentionOptions): Chore[] {
  const { store, roots, settings } = options;
  const { mirrorDir, retention: limits } = settings;
  if (mirrorDir === null) return [];
  const folder = {
    folder: mirrorDir,
    storeId: store.storeId,
    recordingRoots: roots.all.map(({ path }) => path),
  };
  return [
    mirrorRetention({
      ...options,
      mirrorDir,
      isOurs: async () =>
        hasCopies(store.read) && (await checkMirrorFolder({ ...folder, hasCopies: true })) === null,
      oldest: oldestMirrorFiles,
      maxBytes: limits.maxMirrorGb * gib,
      minFreeBytes: limits.minFreeMirrorGb * gib,
      readDisk: statDisk,
      everyMs: limits.intervalSeconds * 1000,
    }),
  ];
}
