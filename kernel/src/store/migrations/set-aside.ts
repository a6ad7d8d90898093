/**
 * How does a table that other plugins' views and triggers read get rebuilt? SQLite refuses to rename a table while any view or
 * trigger names a table that is gone for the moment; so those of other plugins leave before a migration and return after it,
 * within its transaction.
 */
import type { SqliteDatabase } from '../database.ts';
import { kernelName, ownerOf, quoted, type MigrationOwner, type Prefixes } from './owner.ts';

/** The kernel's stay: plugins' migrations read its views. Answers how to bring back what was set aside. */
export function setAsideOtherPlugins(
  db: SqliteDatabase,
  owner: MigrationOwner,
  prefixes: Prefixes,
): () => void {
  const rows = db
    .prepare(
      `SELECT type, name, sql FROM main.sqlite_schema WHERE type IN ('view', 'trigger') ORDER BY type = 'trigger', rowid`,
    )
    .all() as { type: string; name: string; sql: string }[];
  const others = rows.filter(({ name }) => ![owner.name, kernelName].includes(ownerOf(name, prefixes)));
  for (const { type, name } of others.toReversed()) db.exec(`DROP ${type} main.${quoted(name)}`);
  return () => {
    for (const { sql } of others) db.exec(sql);
  };
}
