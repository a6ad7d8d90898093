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
import type { TriggerWindow } from './trigger-windows.ts';

/** No recorder of the camera may close files meanwhile, where it does not say otherwise. What fails is logged, and found by the next scan. */
export interface EarlierFiles {
  /** What the ring holds of a trigger's recording goes among the recordings, to be adopted there. */
  takeFromRing(camera: Camera, trigger: TriggerWindow | null): Promise<void>;
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
  /** Those whose files may be adopted. */
  roots: { own(): readonly RecordingRoot[] };
  /** Absolute. */
  ringDir: string;
  signal: AbortSignal;
  log: Logger;
}): EarlierFiles {
  const { store, indexer, roots, ringDir, signal, log } = options;
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
        const root = roots.own().find(({ name }) => name === (camera.recordingsRoot ?? ''));
        if (root === undefined) return;
        const kept =
          trigger === null
            ? null
            : { from: trigger.firedAt - camera.preRollSeconds * 1000, until: trigger.until };
        const folder = join(ringDir, camera.id);
        await emptyRing({ folder, destination: join(root.path, camera.id), kept });
      }),
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
        for (const root of roots.own()) {
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
