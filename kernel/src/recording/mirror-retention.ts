/** How second copies stay within limits of their own: the age of their camera's footage, a size, free space on their disk. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { MirrorFile } from '../mirror/mirror-files.ts';
import { isHeldPath } from '../store/by-product-queries.ts';
import type { Store } from '../store/store.ts';
import { ageLimit, type Disk } from './retention-plan.ts';
import type { Chore } from './retention.ts';

export interface MirrorRetentionOptions {
  readonly store: Pick<Store, 'read'>;
  readonly registry: Pick<CameraRegistry, 'get' | 'list'>;
  readonly clock: Clock;
  /** Absolute. */
  readonly mirrorDir: string;
  /** Is the folder there, and this store's? */
  readonly isOurs: () => Promise<boolean>;
  /** Copies of all cameras, oldest first. */
  readonly oldest: (mirrorDir: string) => AsyncIterable<MirrorFile>;
  /** 0: no limit. */
  readonly maxBytes: number;
  /** 0: none. */
  readonly minFreeBytes: number;
  readonly readDisk: (folder: string) => Promise<Disk>;
  /** All names are read each time: not more often than this, ms. */
  readonly everyMs: number;
  readonly log: Logger;
}

/** A run leaves what exceeds it to the next one. */
const filesPerRun = 5000;
/** Is the disk still ours? Asked again after so many files. */
const filesPerLook = 100;
/** A name tells when a segment began; it ends at most this much later, ms. */
const longestSegmentMs = 3_600_000;

export function mirrorRetention(options: MirrorRetentionOptions): Chore {
  let lastRunAt: number | null = null;
  /** Deleting gave no space back: one file at a time finds out whether it does again. */
  let isStuck = false;
  return {
    name: 'mirror',
    async run(signal) {
      const { clock, mirrorDir, minFreeBytes, readDisk } = options;
      if (lastRunAt !== null && clock.monotonic() - lastRunAt < options.everyMs) return;
      lastRunAt = clock.monotonic();
      if (!(await options.isOurs())) return;
      const before = (await readDisk(mirrorDir)).freeBytes;
      const missing = minFreeBytes - before;
      const excess = options.maxBytes > 0 ? (await sizeOf(options)) - options.maxBytes : 0;
      const freed = await prune(options, Math.max(excess, missing, 0), isStuck ? 1 : filesPerRun, signal);
      const after = (await readDisk(mirrorDir)).freeBytes;
      isStuck = missing > 0 && freed > 0 && after <= before;
      if (isStuck) options.log.warn({ freed }, 'deleting second copies gave no space back on their disk');
    },
  };
}

async function sizeOf({ oldest, mirrorDir }: MirrorRetentionOptions): Promise<number> {
  let bytes = 0;
  for await (const { sizeBytes } of oldest(mirrorDir)) bytes += sizeBytes;
  return bytes;
}

/** Takes what is too old, and beyond that the oldest until `wantedBytes` are freed; nothing whose segment is held as evidence. */
async function prune(
  options: MirrorRetentionOptions,
  wantedBytes: number,
  limit: number,
  signal: AbortSignal,
): Promise<number> {
  const { store, registry, clock, mirrorDir } = options;
  const limitOf = (retentionHours: number) => ageLimit(retentionHours, clock.now()) - longestSegmentMs;
  const youngest = Math.max(0, ...registry.list().map((camera) => limitOf(camera.retentionHours)));
  let freed = 0;
  let files = 0;
  for await (const { cameraId, path, startTime, sizeBytes } of options.oldest(mirrorDir)) {
    if (signal.aborted || files >= limit) break;
    const isWanted = freed < wantedBytes;
    if (!isWanted && startTime >= youngest) break;
    const camera = registry.get(cameraId);
    const isTooOld = camera !== undefined && startTime < limitOf(camera.retentionHours);
    if ((!isWanted && !isTooOld) || isHeldPath(store.read, path)) continue;
    if (files % filesPerLook === 0 && !(await options.isOurs())) break;
    files += 1;
    try {
      await unlink(join(mirrorDir, path));
      freed += sizeBytes;
    } catch (error) {
      options.log.warn({ path, reason: messageOf(error) }, 'a second copy could not be deleted');
    }
  }
  return freed;
}
