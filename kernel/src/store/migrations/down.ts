/** Takes back the newest migrations of one owner. */
import { HeldarError } from '../../errors.ts';
import type { SqliteDatabase } from '../database.ts';
import { applyWhole } from './apply.ts';
import { migrationFailed } from './failure.ts';
import { ownTables } from './foreign-keys.ts';
import { readLedger, removeFromLedger, type LedgerRow } from './ledger.ts';
import type { MigrationOwner, Prefixes } from './owner.ts';
import { claimPrefix } from './prefix-claim.ts';
import { readMigrations, type Migration } from './read.ts';
import { rehearse } from './rehearse.ts';
import { runScript, type Script } from './run-script.ts';

/**
 * One step, or all behind `to`, which stays; each in a transaction of its own, rehearsed first. The down text is the file's when
 * the file is the migration that was applied, else the one kept with it.
 *
 * @returns the names taken back, newest first.
 * @throws HeldarError `usage` when there is nothing to take back, `to` is unknown, or a migration has no down text: then nothing is done.
 */
export function migrateDown(
  db: SqliteDatabase,
  owner: MigrationOwner,
  options: { to?: string } = {},
): string[] {
  if (db.inTransaction) throw new HeldarError('internal', 'migrations run outside a transaction');
  const rows = readLedger(db);
  const files = owner.folder === null ? [] : readMigrations(owner.folder);
  const own = rows.filter((row) => row.owner === owner.name).reverse();
  const steps = stepsOf(owner, own, options.to).map((row) => ({ row, script: scriptOf(owner, row, files) }));
  const prefixes = claimPrefix(db, owner, rows);
  rehearse(
    db,
    owner,
    steps.map(({ script }) => script),
    prefixes,
  );
  for (const { row, script } of steps)
    applyWhole(db, () => {
      runScript(db, script, prefixes);
      removeFromLedger(db, owner.name, row.name);
      if (row === own.at(-1)) refuseLeftovers(db, owner, script, prefixes);
    });
  return steps.map(({ row }) => row.name);
}

function stepsOf(
  owner: MigrationOwner,
  newestFirst: readonly LedgerRow[],
  to: string | undefined,
): LedgerRow[] {
  const end = to === undefined ? 1 : newestFirst.findIndex(({ name }) => name === to);
  if (end < 0)
    throw refused(owner, `${to} is not applied`, `see \`heldar migrate status ${owner.name}\` for the names`);
  const steps = newestFirst.slice(0, end);
  if (steps.length === 0)
    throw refused(
      owner,
      to === undefined ? 'no migration is applied' : `${to} is the newest applied migration`,
      'nothing is to be done',
    );
  return steps;
}

function scriptOf(owner: MigrationOwner, row: LedgerRow, files: readonly Migration[]): Script {
  const file = files.find(({ name, checksum }) => name === row.name && checksum === row.checksum);
  const sql = file?.downSql ?? row.downSql;
  if (sql === null)
    throw refused(
      owner,
      `${row.name} has no way down`,
      `write ${row.name}.down.sql beside it, or drop all of the owner's data with \`heldar migrate uninstall ${owner.name}\``,
    );
  return { owner, file: `${row.name}.down.sql`, sql };
}

/** What a last step down left behind would belong to nobody. */
function refuseLeftovers(
  db: SqliteDatabase,
  owner: MigrationOwner,
  script: Script,
  prefixes: Prefixes,
): void {
  const [left] = ownTables(db, owner, prefixes);
  if (owner.prefix === '' || left === undefined) return;
  throw migrationFailed(
    { owner: owner.name, file: script.file },
    `leaves the table ${left.name}, though nothing of ${owner.name} is applied any more`,
    'drop it there too',
  );
}

function refused(owner: MigrationOwner, problem: string, next: string): HeldarError {
  return new HeldarError('usage', `${owner.name}: ${problem}; next: ${next}`, {
    details: { owner: owner.name },
  });
}
