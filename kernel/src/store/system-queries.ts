/** What the system report asks of the store: states of cameras, and the newest alerts about disks. */
import { desc, eq } from 'drizzle-orm';
import { cameraStatus, events } from './schema.ts';
import type { ReadDb } from './store.ts';

/** Cameras that record, by their status. */
export function recordingCameras(db: ReadDb): string[] {
  return db
    .select({ cameraId: cameraStatus.cameraId })
    .from(cameraStatus)
    .where(eq(cameraStatus.state, 'recording'))
    .all()
    .map(({ cameraId }) => cameraId);
}

const diskAlerts = ['disk_smart_warning', 'raid_degraded'];

/** When the newest event about a faulty disk was raised, ms; null: never. */
export function newestDiskAlert(db: ReadDb): number | null {
  const times = diskAlerts.flatMap((type) => {
    const newest = db
      .select({ atMs: events.atMs })
      .from(events)
      .where(eq(events.eventType, type))
      .orderBy(desc(events.atMs), desc(events.seq))
      .limit(1)
      .get();
    return newest === undefined ? [] : [newest.atMs];
  });
  return times.length === 0 ? null : Math.max(...times);
}
