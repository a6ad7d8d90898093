/** What the writer thread does with the whole database to itself, between two groups: changes of a plugin's schema, and their undoing. */
import { existsSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { SqliteDatabase } from './database.ts';
import { migrate, type MigrateResult } from './migrations/migrate.ts';
import { ensureLedger } from './migrations/ledger.ts';
import { isReleased, type MigrationOwner } from './migrations/owner.ts';
import {
  removeSnapshot,
  restoreSnapshot,
  takeSnapshot,
  type RestoreOptions,
} from './migrations/plugin-snapshot.ts';
import { migrationStatus } from './migrations/status.ts';
import type { Failure } from './units.ts';

export const exclusives = {
  /**
   * `at`: ms, the time in the ledger. `beforeDrafts`: where the plugin's part of the store is copied to before its first draft is
   * applied; the copy goes when there are no drafts any more. @throws as `migrate` does.
   */
  'plugin.migrate': (
    db: SqliteDatabase,
    args: { owner: MigrationOwner; allowDrafts: boolean; at: number; beforeDrafts: string },
  ): MigrateResult => migrateWithDrafts(db, args),
  'plugin.snapshot': (db: SqliteDatabase, { plugin, file }: { plugin: string; file: string }): void =>
    takeSnapshot(db, plugin, file),
  /** Answers false when there is no snapshot. */
  'plugin.restore': (
    db: SqliteDatabase,
    { plugin, file, ...options }: { plugin: string; file: string } & RestoreOptions,
  ): boolean => {
    if (!existsSync(file)) return false;
    restoreSnapshot(db, plugin, file, options);
    return true;
  },
  'plugin.forget-snapshot': (_: SqliteDatabase, { file }: { file: string }): void => removeSnapshot(file),
} as const;

function migrateWithDrafts(
  db: SqliteDatabase,
  {
    owner,
    allowDrafts,
    at,
    beforeDrafts,
  }: { owner: MigrationOwner; allowDrafts: boolean; at: number; beforeDrafts: string },
): MigrateResult {
  ensureLedger(db);
  const drafts = () =>
    migrationStatus(db, [owner]).filter(
      (migration) => migration.owner === owner.name && !isReleased(owner, migration.name),
    );
  const isApplied = ({ appliedAt }: { appliedAt: number | null }) => appliedAt !== null;
  // Released ones that are pending too run again after the copy was put back: its ledger is of then.
  if (allowDrafts && drafts().some(({ state }) => state === 'pending') && !drafts().some(isApplied))
    takeSnapshot(db, owner.name, beforeDrafts);
  const result = migrate(db, owner, { allowDrafts, clock: { ...systemClock, now: () => at } });
  if (!drafts().some(isApplied)) removeSnapshot(beforeDrafts);
  return result;
}

export type ExclusiveName = keyof typeof exclusives;
export type ExclusiveArgs<Name extends ExclusiveName> = Parameters<(typeof exclusives)[Name]>[1];
export type ExclusiveResult<Name extends ExclusiveName> = ReturnType<(typeof exclusives)[Name]>;

export interface ExclusiveRequest<Name extends ExclusiveName = ExclusiveName> {
  readonly exclusive: number;
  readonly name: Name;
  readonly args: ExclusiveArgs<Name>;
}

export interface ExclusiveReply {
  readonly exclusive: number;
  readonly outcome:
    | { readonly result: unknown }
    | { readonly failure: Failure & { readonly details: Record<string, unknown> } };
}

export function runExclusive(db: SqliteDatabase, request: ExclusiveRequest): ExclusiveReply {
  const run = exclusives[request.name] as (db: SqliteDatabase, args: unknown) => unknown;
  try {
    return { exclusive: request.exclusive, outcome: { result: run(db, request.args) } };
  } catch (error) {
    const known = error instanceof HeldarError;
    const details = known ? (JSON.parse(JSON.stringify(error.details)) as Record<string, unknown>) : {};
    const failure = { code: known ? error.code : ('database' as const), message: messageOf(error), details };
    return { exclusive: request.exclusive, outcome: { failure } };
  }
}
