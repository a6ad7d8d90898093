/** What does the journal hold, as a test reads it? */
import type { Json, Severity } from '@heldar/plugin-sdk';
import type { SqliteDatabase } from '../store/database.ts';
import { readJournal } from '../store/inspection.ts';
import type { TestEvent } from './test-host.ts';

/** Oldest first; without a type all of them. */
export function readEvents(db: SqliteDatabase, type?: string): TestEvent[] {
  return readJournal(db)
    .filter((row) => type === undefined || row.event_type === type)
    .map((row) => ({
      seq: row.seq,
      id: row.id,
      type: row.event_type,
      cameraId: row.camera_id,
      severity: row.severity as Severity,
      timestamp: row.at_ms,
      payload: JSON.parse(row.payload) as Json,
      source: row.source,
    }));
}
