/** Which evidence stills there are, and which have not reached the disk yet. */
import { and, eq } from 'drizzle-orm';
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

/** The camera that a still shows; undefined when there is no such still on disk. */
export function evidenceCamera(db: ReadDb, file: string): string | undefined {
  return db
    .select({ cameraId: evidence.cameraId })
    .from(evidence)
    .where(and(eq(evidence.file, file), eq(evidence.state, 'kept')))
    .get()?.cameraId;
}
