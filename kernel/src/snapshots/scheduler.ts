/** When is a still taken? As it falls due, a few at once, one of a camera at a time; cameras that fail wait longer and hold up nobody. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import { backOffMs } from '../runtime/back-off.ts';
import { listRunnableSchedules } from '../store/snapshot-queries.ts';
import type { SnapshotScheduleRow } from '../store/snapshots.ts';
import type { Store } from '../store/store.ts';
import { discardStill, keepStill, removePartialStills } from './keep-still.ts';
import { planSnapshots } from './plan.ts';
import type { TakenStill } from './take.ts';

export interface SnapshotScheduler {
  start(): void;
  /** Ends what is under way; the stills that it would have given are taken after the next start. */
  stop(): Promise<void>;
  /** Schedules have changed. */
  replan(): void;
  /** Breaks off the still of that camera that is being taken; resolves when none is. */
  settled(cameraId: string): Promise<void>;
}

export interface SnapshotSchedulerOptions {
  readonly store: Pick<Store, 'read' | 'keyring' | 'write'>;
  readonly registry: CameraRegistry;
  readonly clock: Clock;
  readonly random: () => number;
  readonly enabled: boolean;
  /** Schedules are looked at again after this long at the latest, ms; a wall clock that steps is noticed by it. */
  readonly recheckMs: number;
  /** Absolute. */
  readonly snapshotsDir: string;
  /** Rejects with a masked reason when the camera gives no picture. */
  readonly take: (camera: Camera, signal: AbortSignal) => Promise<TakenStill>;
  readonly log: Logger;
}

/** Stills taken at once: each may hold a decoder for 20 s. */
const parallel = 6;
const parallelUnproven = 3;
const firstRetryMs = 10_000;
const longestRetryMs = 600_000;

export function createSnapshotScheduler(options: SnapshotSchedulerOptions): SnapshotScheduler {
  const { store, registry, clock, log } = options;
  const stopping = new AbortController();
  const running = new Map<string, { readonly ended: Promise<void>; stop(): void }>();
  /** Cameras whose folder is known to hold no half-written files of an earlier process. */
  const clean = new Set<string>();
  const proven = new Set<string>();
  const failing = new Map<string, { readonly failures: number; readonly until: number }>();
  let cancelTimer = () => {};
  let unsubscribe = () => {};
  let isStarted = false;

  const look = () => {
    cancelTimer();
    if (!isStarted || stopping.signal.aborted) return;
    let waitMs = options.recheckMs;
    try {
      const { due, nextInMs } = planSnapshots({
        // A camera that is new to the store is new to the registry a moment later, which calls again.
        schedules: listRunnableSchedules(store.read).filter(({ cameraId }) => registry.get(cameraId)),
        now: clock.now(),
        busy: new Set(running.keys()),
        proven,
        restingUntil: new Map([...failing].map(([cameraId, { until }]) => [cameraId, until])),
        slots: parallel - running.size,
        slotsForUnproven: parallelUnproven - [...running.keys()].filter((id) => !proven.has(id)).length,
      });
      for (const schedule of due) begin(schedule);
      waitMs = Math.min(nextInMs ?? waitMs, waitMs);
    } catch (error) {
      log.error({ reason: messageOf(error) }, 'snapshot schedules could not be read');
    }
    cancelTimer = clock.after(waitMs, look);
  };

  const begin = (schedule: SnapshotScheduleRow) => {
    const breaking = new AbortController();
    const signal = AbortSignal.any([stopping.signal, breaking.signal]);
    const ended = fire(schedule, signal).finally(() => {
      running.delete(schedule.cameraId);
      look();
    });
    running.set(schedule.cameraId, { ended, stop: () => breaking.abort() });
  };

  /** Never rejects. */
  const fire = async (schedule: SnapshotScheduleRow, signal: AbortSignal): Promise<void> => {
    const { cameraId } = schedule;
    const firedAt = clock.now();
    try {
      const camera = registry.get(cameraId);
      if (camera === undefined) return;
      const still = await options.take(camera, signal);
      await keep(camera, schedule, firedAt, still);
      proven.add(cameraId);
      if (failing.delete(cameraId)) log.info({ camera: cameraId }, 'snapshots of the camera work again');
    } catch (error) {
      if (signal.aborted) return;
      await noteFailure(schedule, firedAt, messageOf(error));
    }
  };

  const keep = async (camera: Camera, schedule: SnapshotScheduleRow, firedAt: number, still: TakenStill) => {
    if (!clean.has(camera.id)) await removePartialStills(options.snapshotsDir, camera.id);
    clean.add(camera.id);
    const kept = await keepStill(options.snapshotsDir, camera.id, still.takenAt, still.jpeg);
    const isKept = await store.write('snapshots.add', {
      incarnation: camera.incarnation,
      firedAt,
      snapshot: {
        id: newId('snap', firedAt),
        scheduleId: schedule.id,
        ...kept,
        sizeBytes: still.jpeg.length,
      },
    });
    if (!isKept) await discardStill(options.snapshotsDir, kept);
  };

  /** The schedule's clock goes on; the camera rests for longer each time. */
  const noteFailure = async ({ id, cameraId }: SnapshotScheduleRow, firedAt: number, reason: string) => {
    const failures = (failing.get(cameraId)?.failures ?? 0) + 1;
    const restMs = backOffMs(failures, firstRetryMs, longestRetryMs, options.random);
    proven.delete(cameraId);
    failing.set(cameraId, { failures, until: clock.now() + restMs });
    const say = failures === 1 ? log.warn.bind(log) : log.debug.bind(log);
    say({ camera: cameraId, failures, reason }, 'a snapshot could not be taken');
    try {
      await store.write('snapshots.failed', { scheduleId: id, at: firedAt });
    } catch (error) {
      log.error({ camera: cameraId, reason: messageOf(error) }, 'a failed snapshot could not be noted');
    }
  };

  return {
    start() {
      if (!options.enabled) return;
      isStarted = true;
      unsubscribe = registry.onChange((cameraId) => {
        // What was wrong with it may be what was changed.
        failing.delete(cameraId);
        if (registry.get(cameraId) === undefined) proven.delete(cameraId);
        look();
      });
      look();
    },
    async stop() {
      unsubscribe();
      stopping.abort();
      cancelTimer();
      await Promise.all([...running.values()].map(({ ended }) => ended));
    },
    replan: look,
    async settled(cameraId) {
      const still = running.get(cameraId);
      still?.stop();
      await still?.ended;
    },
  };
}
