/** Removes all that a plugin left in the database. */
import { HeldarError } from '../../errors.ts';
import type { SqliteDatabase } from '../database.ts';
import { applyWhole } from './apply.ts';
import { prefixesOf, readLedger, removeFromLedger, type LedgerRow } from './ledger.ts';
import { kernelName, ownerOf, quoted, type MigrationOwner, type Prefixes } from './owner.ts';
import { runScript } from './run-script.ts';

export interface UninstallResult {
  /** Migrations whose down text ran, newest first. */
  readonly down: readonly string[];
  /** Tables and views dropped without one. */
  readonly dropped: readonly string[];
  /** Migrations that counted as applied. */
  readonly forgotten: readonly string[];
  /** Consumers and handlers forgotten, with their cursors, state and parked records. */
  readonly consumers: number;
}

/**
 * Runs down texts from the newest migration on while they exist, then drops what is left under the plugin's prefix, and forgets its
 * consumers; all in one transaction. Works from what the database holds: the plugin's files may be gone. Asks nothing.
 *
 * @param options.skipDown drop everything without running any down text, for when one of them fails.
 * @throws HeldarError `usage` for the kernel, `migration_failed` when a down text fails: then nothing is removed.
 */
export function uninstall(
  db: SqliteDatabase,
  plugin: string,
  options: { skipDown?: boolean } = {},
): UninstallResult {
  if (db.inTransaction) throw new HeldarError('internal', 'migrations run outside a transaction');
  if (plugin === kernelName) throw new HeldarError('usage', `the kernel can't be uninstalled`);
  const all = readLedger(db);
  const prefixes = prefixesOf(all);
  const rows = all.filter((row) => row.owner === plugin).reverse();
  return applyWhole(db, () => {
    const down = options.skipDown === true ? [] : runDowns(db, rows, prefixes);
    const dropped = dropOwn(db, plugin, prefixes);
    for (const { name } of rows) removeFromLedger(db, plugin, name);
    const forgotten = rows.map(({ name }) => name);
    return { down, dropped, forgotten, consumers: forgetConsumers(db, plugin) };
  });
}

function runDowns(db: SqliteDatabase, newestFirst: readonly LedgerRow[], prefixes: Prefixes): string[] {
  const done: string[] = [];
  for (const { owner: name, prefix, name: migration, downSql } of newestFirst) {
    if (downSql === null) break;
    const owner: MigrationOwner = { name, prefix, folder: null, release: [] };
    runScript(db, { owner, file: `${migration}.down.sql`, sql: downSql }, prefixes);
    done.push(migration);
  }
  return done;
}

/**
 * Only the ledger makes a prefix the plugin's: one that never migrated owns nothing, whatever its name fits.
 *
 * Views and virtual tables first: triggers, indexes and shadow tables go with what they belong to.
 */
export function dropOwn(db: SqliteDatabase, plugin: string, prefixes: Prefixes): string[] {
  const rows = db
    .prepare(
      `SELECT name, type FROM pragma_table_list WHERE schema = 'main' AND type <> 'shadow'
       ORDER BY CASE type WHEN 'view' THEN 0 WHEN 'virtual' THEN 1 ELSE 2 END, name`,
    )
    .all() as { name: string; type: string }[];
  const own = rows.filter(({ name }) => ownerOf(name, prefixes) === plugin);
  for (const { name, type } of own)
    db.exec(`DROP ${type === 'view' ? 'VIEW' : 'TABLE'} main.${quoted(name)}`);
  return own.map(({ name }) => name);
}

/** By hand: cascades do nothing while foreign keys are off. */
function forgetConsumers(db: SqliteDatabase, plugin: string): number {
  const exists = db
    .prepare(`SELECT 1 FROM main.sqlite_schema WHERE type = 'table' AND name = 'consumers'`)
    .get();
  if (exists === undefined) return 0;
  for (const { name } of belongingToConsumers(db))
    db.prepare(
      `DELETE FROM ${quoted(name)} WHERE consumer_id IN (SELECT id FROM consumers WHERE plugin = ?)`,
    ).run(plugin);
  return db.prepare('DELETE FROM consumers WHERE plugin = ?').run(plugin).changes;
}

/** Tables whose rows go with their consumer, as far as this database has them. */
function belongingToConsumers(db: SqliteDatabase): { name: string }[] {
  return db
    .prepare(
      `SELECT t.name FROM main.sqlite_schema t JOIN pragma_foreign_key_list(t.name) f
       WHERE t.type = 'table' AND f."table" = 'consumers' AND f."from" = 'consumer_id'`,
    )
    .all() as { name: string }[];
}
