/** Do the views and triggers a migration leaves behind work, and do the triggers stay within their owner's tables? */
import { messageOf } from '../../errors.ts';
import type { SqliteDatabase } from '../database.ts';
import { ownerOf, quoted, type MigrationOwner, type Prefixes } from './owner.ts';
import { refusalOfWrites } from './program.ts';

/** Name → why it does not compile. SQLite accepts a view of anything; it fails later, also renames of other tables. */
export function brokenViews(db: SqliteDatabase): Map<string, string> {
  const views = db.prepare(`SELECT name FROM main.sqlite_schema WHERE type = 'view'`).all() as {
    name: string;
  }[];
  const broken = new Map<string, string>();
  for (const { name } of views) {
    try {
      db.prepare(`SELECT * FROM main.${quoted(name)}`);
    } catch (error) {
      broken.set(name, messageOf(error));
    }
  }
  return broken;
}

/** Why a trigger of the owner's is not acceptable; null when all are. */
export function refusalOfTriggers(
  db: SqliteDatabase,
  owner: MigrationOwner,
  prefixes: Prefixes,
): string | null {
  const carriers = db
    .prepare(
      `SELECT DISTINCT t.tbl_name AS name, o.type = 'view' AS isView FROM main.sqlite_schema t
       JOIN main.sqlite_schema o ON o.name = t.tbl_name COLLATE NOCASE AND o.type IN ('table', 'view')
       WHERE t.type = 'trigger'`,
    )
    .all() as { name: string; isView: number }[];
  for (const { name, isView } of carriers) {
    if (ownerOf(name, prefixes) !== owner.name) continue;
    const problem = refusalOfTriggersOn(db, name, isView === 1, owner, prefixes);
    if (problem !== null) return `a trigger on ${name} ${problem}`;
  }
  return null;
}

/** Compiles each kind of change of the table, which compiles its triggers with all they set off. */
function refusalOfTriggersOn(
  db: SqliteDatabase,
  table: string,
  isView: boolean,
  owner: MigrationOwner,
  prefixes: Prefixes,
): string | null {
  for (const change of changesOf(db, table)) {
    try {
      const problem = refusalOfWrites(db, change, owner, prefixes);
      if (problem !== null) return problem;
    } catch (error) {
      // A view without an INSTEAD OF trigger for this kind of change: there is none to look at.
      if (isView && messageOf(error).startsWith('cannot modify')) continue;
      return `does not compile: ${messageOf(error)}`;
    }
  }
  return null;
}

function changesOf(db: SqliteDatabase, table: string): string[] {
  const target = `main.${quoted(table)}`;
  const columns = db.prepare('SELECT name FROM pragma_table_xinfo(?) WHERE hidden = 0').all(table) as {
    name: string;
  }[];
  const assignments = columns.map(({ name }) => `${quoted(name)} = ${quoted(name)}`).join(', ');
  return [
    `INSERT INTO ${target} DEFAULT VALUES`,
    `UPDATE ${target} SET ${assignments}`,
    `DELETE FROM ${target}`,
  ];
}
