/** How each step of `heldar migrate` is done, on the composition's database. */
import { existsSync } from 'node:fs';
import { systemClock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import { loadConfig, type ResolvedConfig } from '../config/load-config.ts';
import { HeldarError } from '../errors.ts';
import { openReader, openWriter, type SqliteDatabase } from '../store/database.ts';
import { kernelMigrations } from '../store/kernel-migrations.ts';
import { lockDataFolder } from '../store/lock.ts';
import { migrateDown } from '../store/migrations/down.ts';
import { migrate } from '../store/migrations/migrate.ts';
import { kernelName, type MigrationOwner } from '../store/migrations/owner.ts';
import { migrationStatus, type MigrationStatus } from '../store/migrations/status.ts';
import { uninstall } from '../store/migrations/uninstall.ts';
import { loadMigrationOwners, type MigrationOwners } from './migration-owners.ts';

export interface MigrateFlags {
  readonly config?: string;
  readonly env?: string;
}

export async function showMigrations(name: string | undefined, flags: MigrateFlags): Promise<void> {
  const { config, owners } = await readOwners(flags);
  const file = databaseFileOf(config.settings.databaseUrl);
  const db = existsSync(file) ? openReader(file) : openWriter(':memory:');
  try {
    const all = migrationStatus(db, owners.loaded);
    const rows = all.filter(({ owner }) => name === undefined || owner === name);
    if (name !== undefined && rows.length === 0) ownerNamed(owners, name);
    process.stdout.write(tableOf(rows));
  } finally {
    db.close();
  }
  const [failed] = owners.failed;
  if (failed !== undefined) throw failed.error;
}

export async function migrateUp(name: string | undefined, flags: MigrateFlags): Promise<void> {
  const { config, owners } = await readOwners(flags);
  const chosen = name === undefined ? null : ownerNamed(owners, name);
  const wanted = owners.loaded.filter(
    (owner) => chosen === null || owner.name === kernelName || owner.name === chosen.name,
  );
  const failures = withDatabase(config, (db) => applyAll(db, wanted));
  const [first] = name === undefined ? [...failures, ...owners.failed.map(({ error }) => error)] : failures;
  if (first !== undefined) throw first;
}

/** A plugin that fails does not keep the others from being migrated; the kernel does. */
function applyAll(db: SqliteDatabase, owners: readonly MigrationOwner[]): HeldarError[] {
  const failures: HeldarError[] = [];
  for (const owner of owners) {
    try {
      const { applied } = migrate(db, owner, { clock: systemClock, allowDrafts: false });
      const what = applied.length === 0 ? 'nothing pending' : `applied ${applied.join(', ')}`;
      say(`${owner.name}: ${what}`);
    } catch (error) {
      if (owner.name === kernelName || !(error instanceof HeldarError)) throw error;
      say(`${owner.name}: failed`);
      failures.push(error);
    }
  }
  return failures;
}

export async function takeBack(
  name: string,
  { to, ...flags }: MigrateFlags & { to?: string },
): Promise<void> {
  const { config, owners } = await readOwners(flags);
  const owner = ownerNamed(owners, name);
  withDatabase(config, (db) => {
    const taken = migrateDown(db, owner, to === undefined ? {} : { to });
    say(`${owner.name}: took back ${taken.join(', ')}; a start applies them again`);
  });
}

export async function removePlugin(
  plugin: string,
  { skipDown, yes, ...flags }: MigrateFlags & { skipDown?: boolean; yes?: boolean },
): Promise<void> {
  if (yes !== true)
    throw new HeldarError('usage', `this deletes all data of ${plugin} for good; next: add --yes to do it`);
  const config = await readConfig(flags);
  const removed = withDatabase(config, (db) => uninstall(db, plugin, { skipDown: skipDown ?? false }));
  const { down, dropped, forgotten, consumers } = removed;
  if (forgotten.length + consumers === 0)
    throw new HeldarError('usage', `the database holds nothing of ${plugin}`);
  say(
    `${plugin}: took back ${listOf(down)}, dropped ${listOf(dropped)}, forgot ${listOf(forgotten)} and ${consumers} consumers`,
  );
  if (config.plugins.some((entry) => entry.name === plugin))
    say(`${plugin} is still in the composition: the next start creates its tables again, empty`);
}

function listOf(names: readonly string[]): string {
  return names.length === 0 ? 'nothing' : names.join(', ');
}

async function readOwners(flags: MigrateFlags): Promise<{ config: ResolvedConfig; owners: MigrationOwners }> {
  const config = await readConfig(flags);
  return { config, owners: await loadMigrationOwners(config, kernelMigrations()) };
}

function readConfig({ config, env }: MigrateFlags): Promise<ResolvedConfig> {
  return loadConfig({ cwd: process.cwd(), env: process.env, file: config, environment: env });
}

/** @throws HeldarError `data_locked` while a kernel runs. */
function withDatabase<Result>(config: ResolvedConfig, run: (db: SqliteDatabase) => Result): Result {
  const lock = lockDataFolder(config.settings.dataDir);
  try {
    const db = openWriter(databaseFileOf(config.settings.databaseUrl));
    try {
      return run(db);
    } finally {
      db.close();
    }
  } finally {
    lock.release();
  }
}

function ownerNamed(owners: MigrationOwners, name: string): MigrationOwner {
  const found = owners.loaded.find((owner) => owner.name === name);
  if (found !== undefined) return found;
  const failed = owners.failed.find((owner) => owner.name === name);
  if (failed !== undefined) throw failed.error;
  throw new HeldarError(
    'usage',
    `${name} has no migrations here; there are those of ${owners.loaded.map((owner) => owner.name).join(', ')}`,
  );
}

function tableOf(rows: readonly MigrationStatus[]): string {
  const cells = [
    ['owner', 'migration', 'state', 'applied'],
    ...rows.map(({ owner, name, state, appliedAt }) => [
      owner,
      name,
      state,
      appliedAt === null ? '' : new Date(appliedAt).toISOString(),
    ]),
  ];
  const widths = [0, 1, 2].map((column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  return cells
    .map(
      (row) =>
        `${row
          .map((cell, column) => cell.padEnd(widths[column] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}
