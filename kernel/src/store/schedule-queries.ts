/** How windows of scheduled recording are read. */
import { and, asc, eq } from 'drizzle-orm';
import { recordingSchedules } from './media-schema.ts';
import type { ReadDb } from './store.ts';

export type ScheduleRow = typeof recordingSchedules.$inferSelect;

/** Of a camera, oldest first. */
export function listSchedules(db: ReadDb, cameraId: string): ScheduleRow[] {
  return db
    .select()
    .from(recordingSchedules)
    .where(eq(recordingSchedules.cameraId, cameraId))
    .orderBy(asc(recordingSchedules.createdAt), asc(recordingSchedules.id))
    .all();
}

/** Those of a camera that are enabled. */
export function enabledSchedules(db: ReadDb, cameraId: string): ScheduleRow[] {
  return db
    .select()
    .from(recordingSchedules)
    .where(and(eq(recordingSchedules.cameraId, cameraId), eq(recordingSchedules.enabled, true)))
    .all();
}

export function readSchedule(db: ReadDb, id: string): ScheduleRow | undefined {
  return db.select().from(recordingSchedules).where(eq(recordingSchedules.id, id)).get();
}
