/** Which migrations has this database seen? */
import type { SqliteDatabase } from '../database.ts';
import { ledgerTable, type Prefixes } from './owner.ts';

export interface LedgerRow {
  readonly owner: string;
  readonly prefix: string;
  readonly name: string;
  readonly checksum: string;
  readonly downSql: string | null;
  readonly appliedAt: number;
  readonly durationMs: number;
  readonly shipped: boolean;
}

const definition = `CREATE TABLE IF NOT EXISTS ${ledgerTable} (
  -- 'kernel' or the plugin's name.
  owner TEXT NOT NULL,
  -- What the owner's names began with at that time; '' for the kernel. Uninstalling works from it when the plugin is gone.
  prefix TEXT NOT NULL,
  -- The file's name without .sql.
  name TEXT NOT NULL,
  -- sha256 of the text that ran, hex, line ends as \\n.
  checksum TEXT NOT NULL,
  -- How to undo it, kept for when the file is gone; null: no way known.
  down_sql TEXT,
  -- ms since the epoch.
  applied_at INTEGER NOT NULL,
  -- ms.
  duration_ms INTEGER NOT NULL,
  -- 1 when it was released; 0: a draft.
  shipped INTEGER NOT NULL,
  PRIMARY KEY (owner, name)
) WITHOUT ROWID`;

/** Outside the migrations themselves: the first one needs it. */
export function ensureLedger(db: SqliteDatabase): void {
  db.exec(definition);
}

/** In the order of application within each owner; nothing when the database has no ledger yet. */
export function readLedger(db: SqliteDatabase): LedgerRow[] {
  if (db.prepare('SELECT 1 FROM sqlite_schema WHERE name = ?').get(ledgerTable) === undefined) return [];
  const rows = db
    .prepare(
      `SELECT owner, prefix, name, checksum, down_sql AS downSql, applied_at AS appliedAt, duration_ms AS durationMs, shipped
       FROM ${ledgerTable} ORDER BY owner, name`,
    )
    .all() as (Omit<LedgerRow, 'shipped'> & { shipped: number })[];
  return rows.map((row) => ({ ...row, shipped: row.shipped === 1 }));
}

export function prefixesOf(rows: readonly LedgerRow[]): Prefixes {
  return new Map(rows.filter((row) => row.prefix !== '').map((row) => [row.owner, row.prefix]));
}

export function addToLedger(db: SqliteDatabase, row: LedgerRow): void {
  db.prepare(
    `INSERT INTO ${ledgerTable} (owner, prefix, name, checksum, down_sql, applied_at, duration_ms, shipped)
     VALUES (@owner, @prefix, @name, @checksum, @downSql, @appliedAt, @durationMs, @shipped)`,
  ).run({ ...row, shipped: row.shipped ? 1 : 0 });
}

/** A draft that was applied and then released with the same text. */
export function markShipped(db: SqliteDatabase, owner: string, name: string): void {
  db.prepare(`UPDATE ${ledgerTable} SET shipped = 1 WHERE owner = ? AND name = ?`).run(owner, name);
}

export function removeFromLedger(db: SqliteDatabase, owner: string, name: string): void {
  db.prepare(`DELETE FROM ${ledgerTable} WHERE owner = ? AND name = ?`).run(owner, name);
}
