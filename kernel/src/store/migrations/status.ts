/** Where does each owner stand? */
import type { SqliteDatabase } from '../database.ts';
import { readLedger } from './ledger.ts';
import type { MigrationOwner } from './owner.ts';
import { planMigrations, type MigrationState } from './plan.ts';
import { readMigrations } from './read.ts';

export interface MigrationStatus {
  readonly owner: string;
  readonly name: string;
  readonly state: MigrationState;
  /** ms since the epoch; null: not applied. */
  readonly appliedAt: number | null;
}

/** Reads only. Owners that only the database knows follow the given ones, their migrations `missing`. */
export function migrationStatus(db: SqliteDatabase, owners: readonly MigrationOwner[]): MigrationStatus[] {
  const rows = readLedger(db);
  const given = new Set(owners.map(({ name }) => name));
  const gone = [...new Set(rows.map((row) => row.owner))].filter((name) => !given.has(name));
  const all: Pick<MigrationOwner, 'name' | 'folder' | 'release'>[] = [
    ...owners,
    ...gone.map((name) => ({ name, folder: null, release: [] })),
  ];
  return all.flatMap((owner) => {
    const ownRows = rows.filter((row) => row.owner === owner.name);
    const files = owner.folder === null ? [] : readMigrations(owner.folder);
    return planMigrations(ownRows, files, owner).map(({ name, state, row }) => ({
      owner: owner.name,
      name,
      state,
      appliedAt: row?.appliedAt ?? null,
    }));
  });
}
