/** Which schedules of stills are there, and which stills did they give? */
import { and, asc, desc, eq, gte, lte, sql } from 'drizzle-orm';
import { snapshots, snapshotSchedules } from './media-schema.ts';
import { cameras } from './schema.ts';
import type { SnapshotRow, SnapshotScheduleRow } from './snapshots.ts';
import type { ReadDb } from './store.ts';

/** Schedules of a camera, enabled or not, oldest first. */
export function listSnapshotSchedules(db: ReadDb, cameraId: string): SnapshotScheduleRow[] {
  return db
    .select()
    .from(snapshotSchedules)
    .where(eq(snapshotSchedules.cameraId, cameraId))
    .orderBy(asc(snapshotSchedules.createdAt), asc(snapshotSchedules.id))
    .all();
}

export function readSnapshotSchedule(db: ReadDb, id: string): SnapshotScheduleRow | undefined {
  return db.select().from(snapshotSchedules).where(eq(snapshotSchedules.id, id)).get();
}

/** Enabled schedules of enabled cameras. */
export function listRunnableSchedules(db: ReadDb): SnapshotScheduleRow[] {
  return (
    db
      .select({ schedule: snapshotSchedules })
      .from(snapshotSchedules)
      .innerJoin(cameras, eq(cameras.id, snapshotSchedules.cameraId))
      // Spelled out, as the partial index is.
      .where(and(sql`${snapshotSchedules.enabled} = 1`, eq(cameras.enabled, true)))
      .all()
      .map(({ schedule }) => schedule)
  );
}

/** Newest first; both bounds (ms) are inclusive, an absent one is open. */
export function listSnapshots(
  db: ReadDb,
  cameraId: string,
  range: { from?: number | undefined; to?: number | undefined },
  limit: number,
): SnapshotRow[] {
  return db
    .select()
    .from(snapshots)
    .where(
      and(
        eq(snapshots.cameraId, cameraId),
        range.from === undefined ? undefined : gte(snapshots.takenAt, range.from),
        range.to === undefined ? undefined : lte(snapshots.takenAt, range.to),
      ),
    )
    .orderBy(desc(snapshots.takenAt), desc(snapshots.id))
    .limit(limit)
    .all();
}
