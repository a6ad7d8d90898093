/** Where may retention delete? Only in folders that are known to hold this store's footage. */
import { messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';
import { segmentTotalsOf } from '../store/segment-queries.ts';
import { checkFolder, type FolderIdentity } from './folder-identity.ts';

export interface RetentionRoot {
  /** '' is the recordings folder. */
  readonly name: string;
  /** Absolute. */
  readonly path: string;
}

/** `unusable`: it can't be looked at. Only in a root that is `ours` anything is deleted. */
export type RootState = FolderIdentity | 'unusable';

export interface RetentionRoots {
  list(): readonly RetentionRoot[];
  /** As it is now: a disk can be gone between two questions. */
  state(root: RetentionRoot): Promise<{ readonly state: RootState; readonly reason: string | null }>;
}

/** The recordings folder as the only root. */
export function singleRoot(options: {
  store: Pick<Store, 'read' | 'storeId'>;
  recordingsDir: string;
}): RetentionRoots {
  const { store, recordingsDir } = options;
  return {
    list: () => [{ name: '', path: recordingsDir }],
    async state() {
      try {
        const hasSegments = segmentTotalsOf(store.read, '').segmentCount > 0;
        return { state: await checkFolder(recordingsDir, store.storeId, hasSegments), reason: null };
      } catch (error) {
        return { state: 'unusable', reason: messageOf(error) };
      }
    },
  };
}
