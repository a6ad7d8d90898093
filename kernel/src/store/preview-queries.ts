/** Which segments have a preview, and which have to get one? */
import { and, desc, eq, gt, isNull } from 'drizzle-orm';
import { segments } from './schema.ts';
import type { SegmentRow } from './segment-queries.ts';
import type { ReadDb } from './store.ts';

/** The newest `limit` of which it is not known yet whether they can have one. */
export function segmentsWithoutPreview(db: ReadDb, limit: number): SegmentRow[] {
  return db
    .select()
    .from(segments)
    .where(isNull(segments.previewBytes))
    .orderBy(desc(segments.startTime))
    .limit(limit)
    .all();
}

/** The root that the preview of this segment lies in; undefined: it has none. `path`: of the segment, below its root. */
export function rootOfPreview(db: ReadDb, cameraId: string, path: string): string | undefined {
  return db
    .select({ root: segments.root })
    .from(segments)
    .where(and(eq(segments.path, path), eq(segments.cameraId, cameraId), gt(segments.previewBytes, 0)))
    .get()?.root;
}
