/** How segments leave: row first, then the file, and only where the disk is known to be ours. */
import { unlink } from 'node:fs/promises';
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { messageOf } from '../errors.ts';
import type { Store } from '../store/store.ts';
import type { Candidate } from './retention-plan.ts';
import type { RetentionRoots } from './retention-roots.ts';

export interface Removed {
  readonly segments: number;
  readonly bytes: number;
}

/**
 * What is held or leased by now stays, and so does everything in a root that is not ours by now. Give at most some hundred at once.
 * A file that can't be deleted is logged, and is left to the scan at the next start.
 */
export async function removeSegments(
  options: { store: Pick<Store, 'write'>; roots: RetentionRoots; log: Logger },
  victims: readonly Pick<Candidate, 'id' | 'root'>[],
): Promise<Removed> {
  const { store, roots, log } = options;
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
    for (const { path, sizeBytes } of await store.write('segments.prune', { ids })) {
      await deleteFile(join(root.path, path), log);
      segments += 1;
      bytes += sizeBytes;
    }
  }
  return { segments, bytes };
}

/** A file that is gone already is what was wanted. */
async function deleteFile(path: string, log: Logger): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
    log.warn({ path, reason: messageOf(error) }, 'a file could not be deleted');
  }
}
