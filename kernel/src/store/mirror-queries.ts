/** What waits for its copy, and how are the copies? */
import { asc, eq, isNotNull } from 'drizzle-orm';
import { mirrorQueue, mirrorStatus } from './media-schema.ts';
import type { MirrorStatusRow } from './mirrors.ts';
import { segments } from './schema.ts';
import type { ReadDb } from './store.ts';

export interface QueuedCopy {
  readonly segmentId: string;
  readonly cameraId: string;
  /** The root it lies in; '' is the recordings folder. */
  readonly root: string;
  /** Below the root, with `/`. */
  readonly path: string;
  readonly endTime: number;
  readonly sizeBytes: number;
}

/** The segments that have waited longest. */
export function oldestQueuedCopies(db: ReadDb, limit: number): QueuedCopy[] {
  return db
    .select({
      segmentId: mirrorQueue.segmentId,
      cameraId: mirrorQueue.cameraId,
      root: segments.root,
      path: segments.path,
      endTime: segments.endTime,
      sizeBytes: segments.sizeBytes,
    })
    .from(mirrorQueue)
    .innerJoin(segments, eq(segments.id, mirrorQueue.segmentId))
    .orderBy(asc(mirrorQueue.segmentId))
    .limit(limit)
    .all();
}

/** By camera id. */
export function listMirrorStatus(db: ReadDb): Map<string, MirrorStatusRow> {
  return new Map(
    db
      .select()
      .from(mirrorStatus)
      .all()
      .map((row) => [row.cameraId, row]),
  );
}

export function readMirrorStatus(db: ReadDb, cameraId: string): MirrorStatusRow | undefined {
  return db.select().from(mirrorStatus).where(eq(mirrorStatus.cameraId, cameraId)).get();
}

/** True once a segment of a camera that is still there was copied. */
export function hasCopies(db: ReadDb): boolean {
  return (
    db
      .select({ cameraId: mirrorStatus.cameraId })
      .from(mirrorStatus)
      .where(isNotNull(mirrorStatus.lastSegmentAt))
      .limit(1)
      .get() !== undefined
  );
}
