/** How old footage leaves: pass by pass, each isolated from the others, row first, then the file. */
import { statfs } from 'node:fs/promises';
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import { delay, type Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { retentionEvent } from '../media/media-events.ts';
import {
  oldestSegments,
  oldestSegmentsOf,
  segmentTotalsOf,
  type PruneCandidate,
} from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import { ageLimit, excessOver, missingToFloor, planByAge, planBySize, type Disk } from './retention-plan.ts';
import type { RecordingRoots } from './roots.ts';

export interface Retention {
  /** Sweeps at once, then every interval, until stopped. */
  start(): void;
  stop(): Promise<void>;
  /** One sweep; resolves with the number of segments that went. A sweep under way is joined. */
  sweep(): Promise<number>;
}

export interface RetentionOptions {
  readonly store: Pick<Store, 'read' | 'write' | 'storeId'>;
  readonly registry: CameraRegistry;
  readonly clock: Clock;
  /** Absolute. */
  readonly recordingsDir: string;
  readonly intervalMs: number;
  /** Cap on the indexed footprint; 0: none. */
  readonly maxRecordingsBytes: number;
  /** Floor of free space; 0: none. */
  readonly minFreeBytes: number;
  readonly roots: Pick<RecordingRoots, 'check'>;
  /** Deletes the files whose rows went. */
  readonly garbage: Garbage;
  readonly log: Logger;
  /** Asks the disk; given by tests. */
  readonly readDisk?: (folder: string) => Promise<Disk>;
}

const batchSize = 100;
/** A sweep takes what is left up at the next one. */
const batchesPerPass = 200;

export function createRetention(options: RetentionOptions): Retention {
  const { store, registry, clock, log } = options;
  const stopping = new AbortController();
  /** Standing conditions that were told already. */
  const told = new Set<string>();
  let running: Promise<number> | null = null;
  let loop: Promise<void> = Promise.resolve();

  const tell = async (
    type: 'retention_delete' | 'disk_pressure',
    severity: 'info' | 'warning' | 'critical',
    payload: object,
  ) => {
    await store.write('events.append', [retentionEvent(null, clock.now(), type, severity, payload)]);
  };
  /** Once while it lasts. */
  const tellStanding = async (
    name: string,
    isSo: boolean,
    severity: 'warning' | 'critical',
    payload: object,
  ) => {
    if (!isSo) return void told.delete(name);
    if (told.has(name)) return;
    told.add(name);
    await tell('disk_pressure', severity, { reason: name, ...payload });
  };

  const remove = async (ids: readonly string[]): Promise<number> => {
    const pruned = await store.write('segments.prune', { ids });
    if (pruned.length > 0) await options.garbage.empty(stopping.signal);
    return pruned.length;
  };
  /** Removes what `choose` names, batch by batch, until it names nothing or nothing goes. */
  const removeAll = async (choose: () => readonly string[]): Promise<number> => {
    let deleted = 0;
    for (let batch = 0; batch < batchesPerPass && !stopping.signal.aborted; batch += 1) {
      const ids = choose();
      const gone = ids.length === 0 ? 0 : await remove(ids);
      deleted += gone;
      if (gone === 0) break;
    }
    return deleted;
  };
  const removeExcess = (excess: () => number, oldest: () => readonly PruneCandidate[]): Promise<number> =>
    removeAll(() => {
      const bytes = excess();
      return bytes > 0 ? planBySize(oldest(), bytes).ids : [];
    });

  const byFreeSpace = async (): Promise<number> => {
    const { minFreeBytes: floor } = options;
    if (floor <= 0) return 0;
    let disk: Disk | null = null;
    try {
      disk = await (options.readDisk ?? readDisk)(options.recordingsDir);
    } catch (error) {
      log.warn({ reason: messageOf(error) }, 'the free space can not be read');
    }
    await tellStanding('disk_stats_unavailable', disk === null, 'warning', {});
    if (disk === null) return 0;
    const missing = missingToFloor(disk, floor);
    await tellStanding('floor_unsatisfiable', missing === 'unsatisfiable', 'critical', {
      min_free_bytes: floor,
      total_bytes: disk.totalBytes,
    });
    if (missing === 'unsatisfiable' || missing === 0) return 0;
    const before = segmentTotalsOf(store.read, '').sizeBytes;
    const target = before - missing;
    const deleted = await removeExcess(
      () => segmentTotalsOf(store.read, '').sizeBytes - target,
      () => oldestSegments(store.read, batchSize),
    );
    if (deleted > 0)
      await tell('disk_pressure', 'critical', { deleted, reason: 'free_floor', min_free_bytes: floor });
    await tellStanding('nothing_left_to_delete', deleted === 0, 'critical', { min_free_bytes: floor });
    return deleted;
  };

  const byAge = async (): Promise<number> => {
    let deleted = 0;
    for (const { id, retentionHours } of registry.list()) {
      const limit = ageLimit(retentionHours, clock.now());
      deleted += await removeAll(() => planByAge(oldestSegmentsOf(store.read, id, limit, batchSize), limit));
    }
    if (deleted > 0) await tell('retention_delete', 'info', { deleted, reason: 'age' });
    return deleted;
  };

  const byQuota = async (): Promise<number> => {
    let deleted = 0;
    for (const { id, storageQuotaBytes } of registry.list())
      deleted += await removeExcess(
        () => excessOver(segmentTotalsOf(store.read, id).sizeBytes, storageQuotaBytes),
        () => oldestSegmentsOf(store.read, id, Number.MAX_SAFE_INTEGER, batchSize),
      );
    if (deleted > 0) await tell('disk_pressure', 'warning', { deleted, reason: 'camera_quota' });
    return deleted;
  };

  const bySize = async (): Promise<number> => {
    const max = options.maxRecordingsBytes;
    const deleted = await removeExcess(
      () => excessOver(segmentTotalsOf(store.read, '').sizeBytes, max),
      () => oldestSegments(store.read, batchSize),
    );
    if (deleted > 0) await tell('disk_pressure', 'warning', { deleted, reason: 'size_cap', max_bytes: max });
    return deleted;
  };

  /** Free space first: it is what recording needs most. What fails does not keep the others from running. */
  const passes: readonly (readonly [string, () => Promise<number>])[] = [
    ['free space', byFreeSpace],
    ['age', byAge],
    ['camera quota', byQuota],
    ['size cap', bySize],
  ];
  const sweepOnce = async (): Promise<number> => {
    const { identity } = await options.roots.check('');
    if (identity !== 'ours') {
      log.error({ identity }, 'the recordings folder is not the one the index describes; nothing is deleted');
      return 0;
    }
    let deleted = 0;
    for (const [name, pass] of passes)
      try {
        deleted += await pass();
      } catch (error) {
        log.error({ pass: name, reason: messageOf(error) }, 'a pass of retention failed');
      }
    return deleted;
  };
  const sweep = () => (running ??= sweepOnce().finally(() => (running = null)));

  const sweepUntilStopped = async () => {
    const { signal } = stopping;
    while (!signal.aborted) {
      await sweep().catch((error: unknown) => log.error({ reason: messageOf(error) }, 'a sweep failed'));
      // Cut short by `stop`, which the loop sees next.
      await delay(clock, options.intervalMs, signal).catch(() => {});
    }
  };

  return {
    start() {
      loop = sweepUntilStopped();
    },
    async stop() {
      stopping.abort();
      await loop;
      await running;
    },
    sweep,
  };
}

async function readDisk(folder: string): Promise<Disk> {
  const { bavail, blocks, bsize } = await statfs(folder);
  return { freeBytes: bavail * bsize, totalBytes: blocks * bsize };
}
