/** How do files that an earlier process left become recordings, without keeping the camera from being recorded? */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import { messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Indexer } from './indexer.ts';
import { adoptNamedFiles, adoptOpenFiles, listFolder } from './leftovers.ts';
import { emptyRing } from './ring-leftovers.ts';
import type { TriggerWindow } from './trigger-windows.ts';

export interface EarlierFiles {
  /**
   * What the ring holds of a trigger, and what was open when its recorder ended. To be done before a recorder starts. Answers the names that the
   * folder held before.
   */
  takeUp(camera: Camera, trigger: TriggerWindow | null): Promise<readonly string[]>;
  /** Files of these names that were never indexed. */
  adopt(camera: Camera, names: readonly string[], signal?: AbortSignal): Promise<void>;
}

/** What fails is logged, and found again by the next scan. */
export function createEarlierFiles(options: {
  store: Pick<Store, 'read'>;
  indexer: Indexer;
  /** Absolute. */
  recordingsDir: string;
  ringDir: string;
  log: Logger;
}): EarlierFiles {
  const { store, indexer, recordingsDir, ringDir, log } = options;
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
    async takeUp(camera, trigger) {
      const folder = join(recordingsDir, camera.id);
      const kept =
        trigger === null
          ? null
          : { from: trigger.firedAt - camera.preRollSeconds * 1000, until: trigger.until };
      await tried(camera, () => emptyRing({ folder: join(ringDir, camera.id), destination: folder, kept }));
      let names: readonly string[] = [];
      await tried(camera, async () => {
        names = await listFolder(folder);
        await adoptOpenFiles(indexer, folder, names, camera, () => false);
      });
      return names;
    },
    adopt: (camera, names, signal) =>
      tried(camera, () => adoptNamedFiles(indexer, store, names, camera, signal)),
  };
}
