/** How a camera goes with all its footage, in bounded steps, and never while some of it is held as evidence. */
import { HeldarError } from '../errors.ts';
import { removeCameraFolder } from '../recording/camera-folder.ts';
import type { Fleet } from '../recording/fleet.ts';
import type { Garbage } from '../recording/garbage.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import { hasHeldSegments, oldestSegmentsOf } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import type { CameraRegistry } from './registry.ts';

export interface RemoveCameraOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly registry: CameraRegistry;
  readonly fleet: Pick<Fleet, 'reconcile' | 'rescan'>;
  readonly garbage: Garbage;
  readonly roots: Pick<RecordingRoots, 'all' | 'identity'>;
  /** Of armed cameras, absolute. */
  readonly ringDir: string;
}

export interface CameraRemoval {
  /**
   * The index empties in small transactions, so that other writers are not held up; then the camera's row goes, its recorder ends,
   * and its folders are deleted. A hold that is set meanwhile makes the last step a conflict; what was dropped by then is gone.
   * @throws HeldarError `not_found` or `conflict`.
   */
  remove(id: string): Promise<void>;
  /** Resolves once no camera of that id is being removed: its folder is free. */
  settled(id: string): Promise<void>;
}

export function createCameraRemoval(options: RemoveCameraOptions): CameraRemoval {
  const underWay = new Map<string, Promise<void>>();
  return {
    remove(id) {
      const known = underWay.get(id);
      if (known !== undefined) return known;
      const removal = removeCamera(options, id).finally(() => underWay.delete(id));
      underWay.set(id, removal);
      return removal;
    },
    // How it went is told to whoever asked for it.
    settled: async (id) => void (await Promise.allSettled([underWay.get(id)])),
  };
}

const batchSize = 500;

async function removeCamera(options: RemoveCameraOptions, id: string): Promise<void> {
  const { store, registry, fleet } = options;
  if (registry.get(id) === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
  if (hasHeldSegments(store.read, id))
    throw new HeldarError(
      'conflict',
      `the camera '${id}' has footage held as evidence; release the holds first`,
    );
  for (;;) {
    const ids = oldestSegmentsOf(store.read, id, Number.MAX_SAFE_INTEGER, batchSize).map((row) => row.id);
    await store.write('segments.prune', { ids });
    if (ids.length < batchSize) break;
  }
  let incarnation: number;
  try {
    ({ incarnation } = await store.write('cameras.delete', { id }));
  } catch (error) {
    await fleet.rescan(id);
    throw error;
  }
  await fleet.reconcile(id);
  await removeCameraFolder(options.ringDir, id, incarnation);
  // A root that is not there now is swept when it is there again.
  for (const { name, path } of options.roots.all)
    if (options.roots.identity(name) === 'ours') await removeCameraFolder(path, id, incarnation);
  await options.garbage.empty();
}
