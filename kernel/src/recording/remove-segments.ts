/** How segments leave: the row first, which notes the file as garbage, then the file, and only where the disk is known to be ours. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import type { Candidate } from './retention-plan.ts';
import { canDelete, type RetentionRoots } from './retention-roots.ts';

export interface Removed {
  readonly segments: number;
  readonly bytes: number;
  /** Files that could not be deleted; they are tried again, and nothing comes of taking more meanwhile. */
  readonly kept: number;
}

/** What is held or leased by now stays, and so does everything in a root that is not ours by now. Give at most some hundred at once. */
export async function removeSegments(
  options: { store: Pick<Store, 'write'>; roots: RetentionRoots; garbage: Garbage; log: Logger },
  victims: readonly Pick<Candidate, 'id' | 'root'>[],
): Promise<Removed> {
  const { store, roots, garbage, log } = options;
  let segments = 0;
  let bytes = 0;
  for (const { name } of roots.all) {
    const ids = victims.filter(({ root }) => root === name).map(({ id }) => id);
    if (ids.length === 0) continue;
    const state = await roots.check(name);
    if (!canDelete(state)) {
      log.error({ root: name, reason: state.fault?.detail }, 'nothing is deleted in this recordings root');
      continue;
    }
    const pruned = await store.write('segments.prune', { ids });
    segments += pruned.length;
    for (const { sizeBytes } of pruned) bytes += sizeBytes;
  }
  const { kept } = segments === 0 ? { kept: 0 } : await garbage.empty();
  return { segments, bytes, kept };
}
