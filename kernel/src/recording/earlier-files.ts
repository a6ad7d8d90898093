/** How do files that an earlier process left become recordings, without keeping the camera from being recorded? */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import { messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { RecordingRoot } from './folder-identity.ts';
import type { Indexer } from './indexer.ts';
import { adoptNamedFiles, adoptOpenFiles, scanFolder, splitAtNewest } from './leftovers.ts';
import { emptyRing } from './ring-leftovers.ts';
import { ownRoots, type RecordingRoots } from './roots.ts';
import type { TriggerWindow } from './trigger-windows.ts';

/** No recorder of the camera may close files meanwhile, where it does not say otherwise. What fails is logged, and found by the next scan. */
export interface EarlierFiles {
  /** What the ring holds of a trigger's recording goes among the recordings, to be adopted there, or stays until their root takes it. */
  takeFromRing(camera: Camera, trigger: TriggerWindow | null): Promise<void>;
  /** Does the ring hold something that its root could not take? */
  isOwed(camera: Camera): boolean;
  /** Indexes what a crash left in a root, so that no gap is seen where footage lies. What is older than the index's newest follows while it is recorded. */
  adoptNewer(camera: Camera, root: RecordingRoot): Promise<void>;
  /** Indexes all that is not, in all roots. */
  adoptAll(camera: Camera): Promise<void>;
  /** Resolves when nothing follows any more; soon once `signal` is aborted. */
  settled(): Promise<void>;
}

export function createEarlierFiles(options: {
  store: Pick<Store, 'read'>;
  indexer: Indexer;
  roots: Pick<RecordingRoots, 'all' | 'identity' | 'pathOf' | 'check'>;
  /** Absolute. */
  ringDir: string;
  signal: AbortSignal;
  log: Logger;
}): EarlierFiles {
  const { store, indexer, roots, ringDir, signal, log } = options;
  /** Incarnations. */
  const owed = new Set<number>();
  let background: Promise<unknown> = Promise.resolve();
  const tried = async (camera: Camera, work: () => Promise<unknown>) => {
    try {
      await work();
    } catch (error) {
      log.error(
        { camera: camera.id, reason: messageOf(error) },
        'files of an earlier run could not be taken up',
      );
    }
  };
  return {
    takeFromRing: (camera, trigger) =>
      tried(camera, async () => {
        const root = camera.recordingsRoot ?? '';
        const { fault } = await roots.check(root);
        const path = fault === null ? roots.pathOf(root) : undefined;
        const kept =
          trigger === null
            ? null
            : { from: trigger.firedAt - camera.preRollSeconds * 1000, until: trigger.until };
        const { left } = await emptyRing({
          folder: join(ringDir, camera.id),
          destination: path === undefined ? null : join(path, camera.id),
          kept,
        });
        if (left > 0) owed.add(camera.incarnation);
        else owed.delete(camera.incarnation);
      }),
    isOwed: ({ incarnation }) => owed.has(incarnation),
    adoptNewer: (camera, root) =>
      tried(camera, async () => {
        const scan = await scanFolder(camera, root);
        const { newer, older } = splitAtNewest(store, scan);
        await adoptOpenFiles(indexer, scan);
        await adoptNamedFiles(indexer, store, newer);
        background = background.then(() =>
          tried(camera, () => adoptNamedFiles(indexer, store, older, signal)),
        );
      }),
    adoptAll: (camera) =>
      tried(camera, async () => {
        for (const root of ownRoots(roots)) {
          const scan = await scanFolder(camera, root);
          await adoptOpenFiles(indexer, scan);
          await adoptNamedFiles(indexer, store, scan);
        }
      }),
    async settled() {
      await background;
    },
  };
}
