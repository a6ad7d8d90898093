/** Would these migrations work here? Tried on a copy first, so that a failure leaves the live database untouched. */
import type { SqliteDatabase } from '../database.ts';
import type { MigrationOwner, Prefixes } from './owner.ts';
import { withRehearsalCopy } from './rehearsal-copy.ts';
import { runScript, type Script } from './run-script.ts';

/** @throws HeldarError `migration_failed` of the first script that would fail. */
export function rehearse(
  db: SqliteDatabase,
  owner: MigrationOwner,
  scripts: readonly Script[],
  prefixes: Prefixes,
): void {
  withRehearsalCopy(db, owner, prefixes, (copy) => {
    for (const script of scripts) copy.transaction(() => runScript(copy, script, prefixes))();
  });
}
