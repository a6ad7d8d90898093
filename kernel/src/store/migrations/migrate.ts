/** Brings one owner's part of the database up to date. */
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import type { SqliteDatabase } from '../database.ts';
import { applyWhole } from './apply.ts';
import { addToLedger, ensureLedger, markShipped, readLedger } from './ledger.ts';
import { isReleased, type MigrationOwner, type Prefixes } from './owner.ts';
import { draftChangesOf, planMigrations, refuseChanges, type PlannedMigration } from './plan.ts';
import { claimPrefix } from './prefix-claim.ts';
import { readMigrations, type Migration } from './read.ts';
import { rehearse } from './rehearse.ts';
import { runScript } from './run-script.ts';

export interface MigrateOptions {
  readonly clock: Clock;
  /** Development: changed drafts are reported instead of refused. */
  readonly allowDrafts: boolean;
}

export interface MigrateResult {
  /** Names, in order. */
  readonly applied: readonly string[];
  /**
   * Drafts whose text changed or went away since they were applied. When there are any, nothing was applied: roll back to before the
   * first of them, then migrate again.
   */
  readonly draftChanges: readonly PlannedMigration[];
}

/**
 * Applies what is pending, each migration in a transaction of its own, after a rehearsal of all of them. Must be called outside
 * a transaction, by the one process that holds the data folder; the kernel comes before the plugins.
 *
 * @throws HeldarError `migration_changed` when an applied migration was edited or is gone, `migration_failed` when one does not
 *   work (those before it stay applied only when the live run differs from the rehearsal), `plugin_invalid` when the prefix is taken.
 * @example
 * migrate(db, kernelOwner(folder), { clock: systemClock, allowDrafts: false });
 */
export function migrate(db: SqliteDatabase, owner: MigrationOwner, options: MigrateOptions): MigrateResult {
  if (db.inTransaction) throw new HeldarError('internal', 'migrations run outside a transaction');
  ensureLedger(db);
  const rows = readLedger(db);
  const prefixes = claimPrefix(db, owner, rows);
  const files = owner.folder === null ? [] : readMigrations(owner.folder);
  const ownRows = rows.filter((row) => row.owner === owner.name);
  const plan = planMigrations(ownRows, files, owner);
  refuseChanges(owner, plan, options);
  const draftChanges = draftChangesOf(plan);
  if (draftChanges.length > 0) return { applied: [], draftChanges };
  for (const { name, shipped, row } of plan)
    if (shipped && row?.shipped === false) markShipped(db, owner.name, name);
  const pending = plan.flatMap(({ state, file }) => (state === 'pending' && file !== null ? [file] : []));
  if (pending.length > 0)
    rehearse(
      db,
      owner,
      pending.map((file) => ({ owner, ...file })),
      prefixes,
    );
  for (const migration of pending) applyMigration(db, owner, migration, prefixes, options.clock);
  return { applied: pending.map(({ name }) => name), draftChanges };
}

function applyMigration(
  db: SqliteDatabase,
  owner: MigrationOwner,
  migration: Migration,
  prefixes: Prefixes,
  clock: Clock,
): void {
  const { name, checksum, downSql } = migration;
  const started = clock.monotonic();
  applyWhole(db, () => {
    runScript(db, { owner, ...migration }, prefixes);
    addToLedger(db, {
      owner: owner.name,
      prefix: owner.prefix,
      name,
      checksum,
      downSql,
      appliedAt: clock.now(),
      durationMs: Math.round(clock.monotonic() - started),
      shipped: isReleased(owner, name),
    });
  });
}
