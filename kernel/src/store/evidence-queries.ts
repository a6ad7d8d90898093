/** Which evidence stills have not reached the disk yet. */
import { eq } from 'drizzle-orm';
import { evidence } from './schema.ts';
import type { ReadDb } from './store.ts';

/** Names of files whose effects are committed and whose state is still `pending`. */
export function pendingEvidence(db: ReadDb, limit: number): string[] {
  return db
    .select({ file: evidence.file })
    .from(evidence)
    .where(eq(evidence.state, 'pending'))
    .limit(limit)
    .all()
    .map(({ file }) => file);
}
