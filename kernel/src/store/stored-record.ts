/** How does a log record that was stored elsewhere come into a log? With its sequence and times, and the labels it is found by. */
import type { SqliteDatabase } from './database.ts';
import { labelsOf } from './log.ts';
import type { StoredRecord } from './recorded-queries.ts';

/** Whose camera it is stands elsewhere. */
export type StoredRow = Omit<StoredRecord, 'camera_id'>;

export function recordAdder(db: SqliteDatabase): (row: StoredRow) => void {
  const insert = db.prepare(
    `INSERT INTO log (seq, kind, incarnation, site_id, type, frame_id, at_ms, at_ns, received, n, body)
     VALUES (@seq, @kind, @incarnation, @site_id, @type, @frame_id, @at_ms, @at_ns, @received, @n, @body)`,
  );
  const label = db.prepare(
    'INSERT INTO log_labels (incarnation, label, at_ms, at_ns, seq) VALUES (?, ?, ?, ?, ?)',
  );
  return (row) => {
    insert.run(row);
    if (row.kind === 'batch')
      for (const text of labelsOf(row.body)) label.run(row.incarnation, text, row.at_ms, row.at_ns, row.seq);
  };
}
