/** When does old footage leave? The floor of free space is looked at often and at once when a disk is full, everything else now and then. */
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { createRetentionQueries } from '../store/retention-queries.ts';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import { removeSegments } from './remove-segments.ts';
import { createFactsSource } from './retention-facts.ts';
import { createNotices, type RetentionLimits, type StandingNotice } from './retention-notices.ts';
import { createPasses } from './retention-passes.ts';
import type { Disk } from './retention-plan.ts';
import { forecastRetention, type RetentionForecast } from './retention-report.ts';
import type { RetentionRoots } from './retention-roots.ts';
import { createSpaceReserve } from './space-reserve.ts';
import { statDisk } from './stat-disk.ts';

export interface Retention {
  /** Sweeps at once, then every interval, until stopped. */
  start(): void;
  stop(): Promise<void>;
  /** One sweep of all passes; resolves with the number of segments that went. A sweep under way is joined. */
  sweep(): Promise<number>;
  /** Sees to free space only, now; resolves with the number of segments that went. */
  makeRoom(): Promise<number>;
  report(): Promise<RetentionReport>;
}

export interface RetentionReport extends RetentionForecast {
  readonly limits: RetentionLimits;
  readonly standing: readonly (StandingNotice & { readonly since: number })[];
  /** Of all passes; null before the first has ended. */
  readonly lastSweep: SweepReport | null;
}

export interface SweepReport {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly endedAt: number;
  /** Segments. */
  readonly deleted: number;
  /** Passes that failed. */
  readonly failed: readonly string[];
}

export interface RetentionOptions {
  readonly store: Pick<Store, 'reader' | 'write'>;
  readonly registry: CameraRegistry;
  readonly clock: Clock;
  /** Where footage lies. */
  readonly roots: RetentionRoots;
  /** Deletes the files whose rows went. */
  readonly garbage: Garbage;
  readonly intervalMs: number;
  /** Cap on the indexed footprint; 0: none. */
  readonly maxRecordingsBytes: number;
  /** Floor of free space; 0: none. */
  readonly minFreeBytes: number;
  readonly log: Logger;
  /** Space on the database's disk that is kept for when it is full, absolute; null: none. */
  readonly reserveFile: string | null;
  /** Asks the disk; given by tests. */
  readonly readDisk?: (folder: string) => Promise<Disk>;
  /** What a sweep does beside the footage, each isolated from the others; before footage has to go for want of space they run too. */
  readonly chores?: readonly Chore[];
}

export interface Chore {
  readonly name: string;
  run(signal: AbortSignal): Promise<void>;
}

/** Between two looks at the free space, ms: 64 cameras of 4 Mbit/s write half a GiB meanwhile. */
export const floorIntervalMs = 15_000;

export function createRetention(options: RetentionOptions): Retention {
  const { store, registry, clock, roots, garbage, log, intervalMs } = options;
  const stopping = new AbortController();
  const { signal } = stopping;
  const limits = { maxRecordingsBytes: options.maxRecordingsBytes, minFreeBytes: options.minFreeBytes };
  const notices = createNotices({ store, registry, clock, limits, intervalMs });
  const facts = createFactsSource({ queries: createRetentionQueries(store.reader), registry, clock });
  const readDisk = options.readDisk ?? statDisk;
  const { reserveFile: file } = options;
  const reserve = file === null ? null : createSpaceReserve({ file, readDisk, log });
  const spending = <Result>(work: () => Promise<Result>) => (reserve === null ? work() : reserve.spend(work));
  const passes = createPasses({
    facts,
    roots,
    limits,
    notices,
    log,
    signal,
    readDisk,
    remove: (victims) => spending(() => removeSegments({ store, roots, garbage, log }, victims)),
    relieve: () => runChores([]),
  });
  let loops: readonly Loop[] = [];
  let sweeping: Promise<number> | null = null;
  let makingRoom: Promise<number> | null = null;

  let lastSweep: SweepReport | null = null;

  /** What fails does not keep the others from running. */
  const isolated = async (
    name: string,
    work: () => Promise<number>,
    failed: string[] = [],
  ): Promise<number> => {
    try {
      return signal.aborted ? 0 : await work();
    } catch (error) {
      failed.push(name);
      log.error({ pass: name, reason: messageOf(error) }, 'a pass of retention failed; the others go on');
      return 0;
    }
  };
  const runChores = async (failed: string[]) => {
    for (const { name, run } of options.chores ?? [])
      await isolated(name, () => run(signal).then(() => 0), failed);
  };
  const telling = async (work: Promise<number>): Promise<number> => {
    const deleted = await work;
    await notices.tellDeleted();
    if (!signal.aborted) await reserve?.hold();
    return deleted;
  };
  const makeRoom = (failed?: string[]) =>
    (makingRoom ??= isolated('free space', () => passes.floor(), failed).finally(() => (makingRoom = null)));
  const sweepOnce = async (): Promise<number> => {
    const startedAt = clock.now();
    const failed: string[] = [];
    let deleted = await makeRoom(failed);
    await runChores(failed);
    deleted += await isolated('age', () => passes.age(), failed);
    deleted += await isolated('camera quota', () => passes.quota(), failed);
    deleted += await isolated('size cap', () => passes.size(), failed);
    lastSweep = { startedAt, endedAt: clock.now(), deleted, failed };
    return deleted;
  };
  const sweep = () => (sweeping ??= telling(sweepOnce()).finally(() => (sweeping = null)));

  return {
    start() {
      const every = (everyMs: number, run: () => Promise<unknown>, what: string) =>
        startLoop({
          clock,
          everyMs,
          run: async () => void (await run()),
          onError: (error) => log.error({ reason: messageOf(error) }, `${what} failed; it is tried again`),
        });
      loops = [
        every(intervalMs, sweep, 'a sweep of retention'),
        every(floorIntervalMs, () => telling(makeRoom()), 'a look at the free space'),
      ];
    },
    async stop() {
      stopping.abort();
      await Promise.all(loops.map((loop) => loop.stop()));
      await Promise.allSettled([sweeping, makingRoom]);
      await notices.tellDeleted('now');
    },
    sweep,
    makeRoom: () => telling(makeRoom()),
    async report() {
      const forecast = await forecastRetention({ facts, roots, limits, readDisk });
      return { ...forecast, limits, standing: notices.current(), lastSweep };
    },
  };
}
