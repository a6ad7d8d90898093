/** How does a tape become the log of an empty store? In one transaction, with its sequences, times and ids. */
import type { SqliteDatabase } from './database.ts';
import { HeldarError } from '../errors.ts';
import { recordAdder, type StoredRow } from './stored-record.ts';
import type { CameraLife } from './shadow-store.ts';

/**
 * Cameras come without addresses and switched off: nothing is recorded from them.
 * @throws HeldarError `conflict` when the store holds a log already, or what `rows` throws; nothing is kept then.
 */
export async function importLog(
  db: SqliteDatabase,
  tape: { storeId: string; cameras: readonly CameraLife[]; rows: AsyncIterable<readonly StoredRow[]> },
): Promise<number> {
  refuseUsed(db);
  db.exec('BEGIN IMMEDIATE');
  try {
    db.prepare(`UPDATE meta SET value = ? WHERE key = 'store_id'`).run(tape.storeId);
    for (const camera of tape.cameras) addCamera(db, camera);
    const add = recordAdder(db);
    let records = 0;
    for await (const rows of tape.rows) {
      for (const row of rows) add(row);
      records += rows.length;
    }
    db.exec('COMMIT');
    return records;
  } catch (error) {
    db.exec('ROLLBACK');
    throw error;
  }
}

function refuseUsed(db: SqliteDatabase): void {
  for (const table of ['log', 'camera_incarnations', 'consumers', 'events'])
    if (db.prepare(`SELECT 1 FROM ${table} LIMIT 1`).get() !== undefined)
      throw new HeldarError(
        'conflict',
        `the data folder is in use already (its table ${table} is not empty); next: import into a new one, --into <folder>`,
      );
}

function addCamera(db: SqliteDatabase, { incarnation, id, createdAt, deletedAt }: CameraLife): void {
  db.prepare('INSERT INTO camera_incarnations VALUES (?, ?, ?, ?)').run(
    incarnation,
    id,
    createdAt,
    deletedAt,
  );
  if (deletedAt !== null) return;
  db.prepare(
    `INSERT INTO cameras (id, incarnation, name, vendor, rtsp_port, record_stream, capabilities, record_enabled, segment_seconds,
       retention_hours, record_audio, record_mode, pre_roll_seconds, post_roll_seconds, mirror_enabled, anr_enabled, enabled,
       created_at, updated_at)
     VALUES (?, ?, ?, 'generic', 554, 'main', '{}', 0, 60, 24, 0, 'continuous', 0, 0, 0, 0, 0, ?, ?)`,
  ).run(id, incarnation, id, createdAt, createdAt);
  db.prepare('INSERT INTO camera_secrets (camera_id) VALUES (?)').run(id);
  db.prepare(`INSERT INTO camera_status (camera_id, state, updated_at) VALUES (?, 'disabled', ?)`).run(
    id,
    createdAt,
  );
}
