/** What event handlers read: the journal behind their cursor. */
import type { SqliteDatabase } from './database.ts';

export interface JournalRow {
  readonly seq: number;
  readonly id: string;
  readonly camera_id: string | null;
  readonly event_type: string;
  readonly severity: string;
  readonly at_ms: number;
  readonly payload: string;
}

export interface HandlerQueries {
  after(seq: number, limit: number): JournalRow[];
  cursor(consumerId: number): number | undefined;
}

export function createHandlerQueries(db: SqliteDatabase): HandlerQueries {
  const after = db.prepare(
    'SELECT seq, id, camera_id, event_type, severity, at_ms, payload FROM events WHERE seq > ? ORDER BY seq LIMIT ?',
  );
  const cursor = db.prepare('SELECT seq FROM lanes WHERE consumer_id = ? AND lane = 0');
  return {
    after: (seq, limit) => after.all(seq, limit) as JournalRow[],
    cursor: (consumerId) => (cursor.get(consumerId) as { seq: number } | undefined)?.seq,
  };
}
