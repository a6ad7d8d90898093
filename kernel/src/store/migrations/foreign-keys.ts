/** Are the foreign keys of an owner's tables of a kind that keeps owners and transactions apart, and do all rows obey them? */
import type { SqliteDatabase } from '../database.ts';
import { ownerOf, type MigrationOwner, type Prefixes } from './owner.ts';
import { wordsOf } from './statements.ts';

export interface Violation {
  readonly table: string;
  /** Null for a table without rowid. */
  readonly rowid: number | null;
  readonly parent: string;
}

/** Sets foreign keys off for `run`, which may open a transaction (within one the pragma does nothing), and on again however it ends. */
export function withForeignKeysOff<Result>(db: SqliteDatabase, run: () => Result): Result {
  db.pragma('foreign_keys = OFF');
  try {
    return run();
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

/** The tables of the owner, virtual ones and their shadows left out. */
export function ownTables(
  db: SqliteDatabase,
  owner: MigrationOwner,
  prefixes: Prefixes,
): { name: string; sql: string }[] {
  const rows = db
    .prepare(
      `SELECT s.name, s.sql FROM main.sqlite_schema s
       JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name AND l.type = 'table'
       WHERE s.type = 'table' AND s.sql IS NOT NULL ORDER BY s.rowid`,
    )
    .all() as { name: string; sql: string }[];
  return rows.filter(({ name }) => ownerOf(name, prefixes) === owner.name);
}

/** Why a foreign key of the owner's is not acceptable; null when all are. */
export function refusalOfForeignKeys(
  db: SqliteDatabase,
  owner: MigrationOwner,
  prefixes: Prefixes,
): string | null {
  const keysOf = db.prepare('SELECT DISTINCT "table" AS parent FROM pragma_foreign_key_list(?)');
  for (const { name, sql } of ownTables(db, owner, prefixes)) {
    if (isDeferrable(sql))
      return `the table ${name} has a deferrable foreign key, whose failure would fail the commit of others`;
    for (const { parent } of keysOf.all(name) as { parent: string }[])
      if (ownerOf(parent, prefixes) !== owner.name)
        return `the table ${name} has a foreign key to ${parent}, of ${ownerOf(parent, prefixes)}`;
  }
  return null;
}

/** DEFERRABLE is reserved: unquoted, it can only stand in a foreign key. `NOT DEFERRABLE` is what every key is anyway. */
function isDeferrable(createTable: string): boolean {
  const words = wordsOf(createTable);
  return words.some((word, index) => word === 'DEFERRABLE' && words[index - 1] !== 'NOT');
}

/** Rows of the owner's tables without their parent. */
export function readViolations(db: SqliteDatabase, owner: MigrationOwner, prefixes: Prefixes): Violation[] {
  const check = db.prepare('SELECT "table", rowid, parent FROM pragma_foreign_key_check(?)');
  return ownTables(db, owner, prefixes).flatMap(({ name }) => check.all(name) as Violation[]);
}

/** Those in `after` that `before` has not, counted: two rows of a table without rowid look alike. */
export function newViolations(before: readonly Violation[], after: readonly Violation[]): Violation[] {
  const keyOf = ({ table, rowid, parent }: Violation): string => JSON.stringify([table, rowid, parent]);
  const known = new Map<string, number>();
  for (const violation of before) known.set(keyOf(violation), (known.get(keyOf(violation)) ?? 0) + 1);
  return after.filter((violation) => {
    const left = known.get(keyOf(violation)) ?? 0;
    known.set(keyOf(violation), left - 1);
    return left <= 0;
  });
}
