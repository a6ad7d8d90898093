/** How long are rows of zone events kept? */
import { every, type Job } from '@heldar/plugin-sdk';
import { inArray, lt } from 'drizzle-orm';
import type { ZoneMessages, ZoneRecords } from './messages.ts';
import { type Database, zoneEvents } from './schema.ts';

const hourMs = 3_600_000;
/** Rows one run deletes at most, so that it never holds the writer for long. */
export const deletedPerRun = 10_000;

export function deleteOldEvents(db: Database, retentionHours: number): Job<ZoneMessages, ZoneRecords> {
  return every('1m', 'delete old zone events', ({ now, tx }) => {
    const oldest = db
      .select({ id: zoneEvents.id })
      .from(zoneEvents)
      .where(lt(zoneEvents.createdAt, now - retentionHours * hourMs))
      .orderBy(zoneEvents.createdAt)
      .limit(deletedPerRun);
    tx.write(db.delete(zoneEvents).where(inArray(zoneEvents.id, oldest)));
  });
}
