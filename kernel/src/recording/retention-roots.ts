/** Where may retention delete? Only in folders that are known to hold this store's footage. */
import type { FolderIdentity, RecordingRoot } from './folder-identity.ts';
import type { RecordingRoots } from './roots.ts';

/** Only in a root that is `ours` anything is deleted. */
export interface RetentionRoots {
  list(): readonly RecordingRoot[];
  /** As it is now: a disk can be gone between two questions. */
  state(root: RecordingRoot): Promise<{ readonly state: FolderIdentity; readonly reason: string | null }>;
}

export function retentionRootsOf(roots: Pick<RecordingRoots, 'all' | 'check'>): RetentionRoots {
  return {
    list: () => roots.all,
    async state({ name }) {
      const { identity, fault } = await roots.check(name);
      return { state: identity, reason: fault?.detail ?? null };
    },
  };
}
