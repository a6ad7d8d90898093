/** How segments leave: row first, then the file, and only where the disk is known to be ours. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Store } from '../store/store.ts';
import type { Garbage } from './garbage.ts';
import type { Candidate } from './retention-plan.ts';
import type { RetentionRoots } from './retention-roots.ts';

export interface Removed {
  readonly segments: number;
  readonly bytes: number;
}

/**
 * What is held or leased by now stays, and so does everything in a root that is not ours by now. Give at most some hundred at once.
 * A file that can't be deleted stays noted as garbage.
 */
export async function removeSegments(
  options: {
    store: Pick<Store, 'write'>;
    roots: RetentionRoots;
    garbage: Pick<Garbage, 'empty'>;
    log: Logger;
  },
  victims: readonly Pick<Candidate, 'id' | 'root'>[],
): Promise<Removed> {
  const { store, roots, garbage, log } = options;
  let segments = 0;
  let bytes = 0;
  for (const root of roots.list()) {
    const ids = victims.filter((victim) => victim.root === root.name).map(({ id }) => id);
    if (ids.length === 0) continue;
    const { state, reason } = await roots.state(root);
    if (state !== 'ours') {
      log.error(
        { root: root.name, state, reason },
        'nothing is deleted there: it is not the folder the index describes',
      );
      continue;
    }
    for (const { sizeBytes } of await store.write('segments.prune', { ids })) {
      segments += 1;
      bytes += sizeBytes;
    }
  }
  if (segments > 0) await garbage.empty();
  return { segments, bytes };
}
