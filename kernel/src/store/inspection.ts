/** What a test wants to know of a store: the journal, the state of lanes, a plugin's tables. */
import type { SqliteDatabase } from './database.ts';

export interface JournalRow {
  readonly seq: number;
  readonly id: string;
  readonly event_type: string;
  readonly camera_id: string | null;
  readonly severity: string;
  /** ms since the epoch. */
  readonly at_ms: number;
  /** JSON text. */
  readonly payload: string;
  readonly source: string;
}

export interface StateRow {
  readonly plugin: string;
  readonly consumer: string;
  /** null: the one lane over all cameras. */
  readonly camera_id: string | null;
  readonly key: string;
  /** JSON text. */
  readonly value: string;
}

/** Oldest first. */
export function readJournal(db: SqliteDatabase): JournalRow[] {
  return db
    .prepare(
      'SELECT seq, id, event_type, camera_id, severity, at_ms, payload, source FROM events ORDER BY seq',
    )
    .all() as JournalRow[];
}

/** By consumer, lane and key. */
export function readStates(db: SqliteDatabase): StateRow[] {
  return db
    .prepare(
      `SELECT c.plugin, c.name AS consumer, i.camera_id, s.key, s.value FROM consumer_state s
       JOIN consumers c ON c.id = s.consumer_id LEFT JOIN camera_incarnations i ON i.incarnation = s.lane
       ORDER BY c.plugin, c.name, s.lane, s.key`,
    )
    .all() as StateRow[];
}

/** Every row of each table that begins with the prefix, the rows in the order of their text. */
export function readTables(db: SqliteDatabase, prefix: string): Record<string, string[]> {
  const tables = db
    .prepare(`SELECT name FROM sqlite_schema WHERE type = 'table' AND substr(name, 1, ?) = ? ORDER BY name`)
    .pluck()
    .all(prefix.length, prefix) as string[];
  return Object.fromEntries(
    tables.map((table) => [
      table,
      db
        .prepare(`SELECT * FROM "${table}"`)
        .safeIntegers()
        .all()
        .map((row) => JSON.stringify(row, asText))
        .sort(),
    ]),
  );
}

/** `CREATE …` of each object that begins with the prefix. */
export function readSchema(db: SqliteDatabase, prefix: string): string[] {
  return db
    .prepare(
      `SELECT sql FROM sqlite_schema WHERE substr(name, 1, ?) = ? AND sql IS NOT NULL ORDER BY type, name`,
    )
    .pluck()
    .all(prefix.length, prefix) as string[];
}

function asText(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}
