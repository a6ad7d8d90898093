/** Where may retention delete? Only in folders that hold this store's footage, and where deleting works. */
import type { RootState } from './folder-identity.ts';
import type { RecordingRoots } from './roots.ts';

export type RetentionRoots = Pick<RecordingRoots, 'all' | 'check'>;

/** A full disk is what deleting mends; on one that can't be written to rows would go, and their files stay. */
export function canDelete({ identity, fault }: RootState): boolean {
  return identity === 'ours' && (fault === null || fault.reason === 'full');
}
