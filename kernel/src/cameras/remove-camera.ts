/** How a camera goes with all that belongs to it, in bounded steps that survive a crash, and never while footage is held as evidence. */
import type { Logger } from '@heldar/plugin-sdk';
import { HeldarError, messageOf } from '../errors.ts';
import type { Evidence } from '../media/evidence.ts';
import type { Fleet } from '../recording/fleet.ts';
import type { Garbage } from '../recording/garbage.ts';
import { camerasGoneWithStills, removalsUnderWay } from '../store/removal-queries.ts';
import { hasHeldSegments, oldestSegmentsOf } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import { removeFromPlaces, sweepPlaces, type CameraPlace } from './camera-places.ts';
import type { CameraRegistry } from './registry.ts';

export interface RemoveCameraOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly registry: CameraRegistry;
  readonly fleet: Pick<Fleet, 'reconcile' | 'rescan'>;
  readonly evidence: Pick<Evidence, 'flush'>;
  /** Where folders of cameras lie. */
  readonly places: readonly CameraPlace[];
  readonly garbage: Pick<Garbage, 'empty'>;
  /** Others that write files of a camera: each resolves when it writes none of that camera's any more. */
  readonly writers: readonly { settled(cameraId: string): Promise<void> }[];
  readonly log: Logger;
}

export interface CameraRemoval {
  /** Finishes removals that a crash interrupted. Resolves when that is done, which takes as long as there are files; never rejects. */
  start(): Promise<void>;
  /** Resolves once nothing goes on in the background; what is left is for the next start. */
  stop(): Promise<void>;
  /**
   * The index empties in small transactions, so that other writers are not held up; then the camera's row goes, its recorder ends,
   * and its files are deleted. A hold that is set meanwhile makes the last step a conflict; what was dropped by then is gone.
   * @throws HeldarError `not_found` or `conflict`.
   */
  remove(id: string, audit?: NewAudit): Promise<void>;
  /** Resolves once no camera of that id is being removed: its folders are free. */
  settled(id: string): Promise<void>;
}

export function createCameraRemoval(options: RemoveCameraOptions): CameraRemoval {
  const { store, log } = options;
  const underWay = new Map<string, Promise<void>>();
  let finishing: Promise<void> = Promise.resolve();
  let isStopping = false;
  const remove = (id: string, audit?: NewAudit): Promise<void> => {
    const known = underWay.get(id);
    if (known !== undefined) return known;
    const removal = removeCamera(options, id, audit).finally(() => underWay.delete(id));
    underWay.set(id, removal);
    return removal;
  };
  const finish = async (id: string) => {
    try {
      if (options.registry.get(id) !== undefined) await remove(id);
      else await store.write('cameras.end-removal', { id });
    } catch (error) {
      log.warn({ camera: id, reason: messageOf(error) }, 'a removal that was interrupted is given up');
    }
  };
  const finishAll = async () => {
    const steps = [
      ...removalsUnderWay(store.read).map((id) => () => finish(id)),
      ...camerasGoneWithStills(store.read).map((id) => () => doomAll(store, id)),
      () => sweepPlaces(options.places, store, log),
      () => options.garbage.empty(),
    ];
    for (const step of steps) if (!isStopping) await step();
  };
  return {
    start() {
      finishing = finishAll().catch((error: unknown) => {
        log.error({ reason: messageOf(error) }, 'what is left of deleted cameras could not be removed');
      });
      return finishing;
    },
    async stop() {
      isStopping = true;
      await finishing;
    },
    remove,
    // How it went is told to whoever asked for it.
    settled: async (id) => void (await Promise.allSettled([underWay.get(id)])),
  };
}

const batchSize = 500;

async function removeCamera(options: RemoveCameraOptions, id: string, audit?: NewAudit): Promise<void> {
  const { store, fleet, log } = options;
  await store.write('cameras.begin-removal', { id });
  let incarnation: number;
  try {
    await dropSegments(store, id);
    if (hasHeldSegments(store.read, id)) throw held(id);
    await options.evidence.flush();
    await doomAll(store, id);
    ({ incarnation } = await store.write('cameras.delete', { id }, audit));
  } catch (error) {
    await store.write('cameras.end-removal', { id });
    await fleet.rescan(id);
    throw error;
  }
  try {
    await removeFiles(options, id, incarnation);
  } catch (error) {
    log.error(
      { camera: id, reason: messageOf(error) },
      'files of a camera that is gone could not be deleted; it is tried again at the next start',
    );
  }
}

/** The camera is gone, whatever becomes of this. */
async function removeFiles(options: RemoveCameraOptions, id: string, incarnation: number): Promise<void> {
  const { store, log } = options;
  await options.fleet.reconcile(id);
  for (const writer of options.writers) await writer.settled(id);
  await removeFromPlaces(options.places, id, incarnation, log);
  await options.garbage.empty();
  await store.write('cameras.end-removal', { id });
}

/** Ends also when what is left is not given up: somebody reads it, or has held it. The camera's row takes it along, or refuses to go. */
async function dropSegments(store: Pick<Store, 'read' | 'write'>, cameraId: string): Promise<void> {
  for (;;) {
    const ids = oldestSegmentsOf(store.read, cameraId, Number.MAX_SAFE_INTEGER, batchSize).map(
      ({ id }) => id,
    );
    const pruned = ids.length === 0 ? [] : await store.write('segments.prune', { ids });
    if (ids.length < batchSize || pruned.length === 0) return;
  }
}

async function doomAll(store: Pick<Store, 'write'>, cameraId: string): Promise<void> {
  while ((await store.write('cameras.doom-files', { cameraId, limit: batchSize })) === batchSize);
}

function held(id: string): HeldarError {
  return new HeldarError(
    'conflict',
    `the camera '${id}' has footage held as evidence; release the holds first`,
  );
}
