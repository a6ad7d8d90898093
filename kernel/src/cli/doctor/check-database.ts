/** Is the database whole, migrated, and does what it holds fit together? */
import { existsSync } from 'node:fs';
import type { ResolvedConfig } from '../../config/load-config.ts';
import { databaseFileOf } from '../../config/database-url.ts';
import { openReader, type SqliteDatabase } from '../../store/database.ts';
import { createDoctorQueries } from '../../store/doctor-queries.ts';
import { kernelMigrations } from '../../store/kernel-migrations.ts';
import type { MigrationState } from '../../store/migrations/plan.ts';
import { kernelName } from '../../store/migrations/owner.ts';
import { migrationStatus } from '../../store/migrations/status.ts';
import { loadMigrationOwners } from '../migration-owners.ts';
import type { Finding } from './checks.ts';

export async function* checkDatabase(config: ResolvedConfig): AsyncGenerator<Finding> {
  const file = databaseFileOf(config.settings.databaseUrl);
  if (!existsSync(file)) {
    yield { ok: true, text: `database: ${file} is not there yet; a start creates it` };
    return;
  }
  const db = openReader(file);
  try {
    yield* examine(db, file, config);
  } finally {
    db.close();
  }
}

async function* examine(db: SqliteDatabase, file: string, config: ResolvedConfig): AsyncGenerator<Finding> {
  const { sqlite } = db.prepare('SELECT sqlite_version() AS sqlite').get() as { sqlite: string };
  yield { ok: true, text: `database: ${file} opens (SQLite ${sqlite})` };
  const { loaded, failed } = await loadMigrationOwners(config, kernelMigrations());
  // Of a plugin that can't be loaded it is not known which migrations it brings: `check-plugins.ts` tells what is wrong with it.
  const migrations = migrationStatus(db, loaded).filter(({ owner }) =>
    failed.every(({ name }) => name !== owner),
  );
  yield migrationFinding(migrations);
  if (!migrations.some(({ owner, state }) => owner === kernelName && state !== 'pending')) return;

  const queries = createDoctorQueries(db);
  const faults = queries.quickCheck();
  yield faults.length === 0
    ? { ok: true, text: 'database: its pages are whole (quick_check)' }
    : {
        ok: false,
        text: `database: it is damaged (quick_check)\n${faults.join('\n')}`,
        next: 'stop the kernel, keep a copy of the folder, then restore a backup or run: sqlite3 heldar.db .recover',
      };
  const drift = queries.drift();
  yield drift.length === 0
    ? { ok: true, text: 'database: the kernel’s tables are what its code expects' }
    : {
        ok: false,
        text: `database: the kernel’s tables differ from its code\n${drift.join('\n')}`,
        next: 'run the kernel that this database was migrated with; tables are never changed by hand',
      };
  const orphans = queries.orphans();
  yield orphans.length === 0
    ? { ok: true, text: 'database: every reference has its row (foreign_key_check)' }
    : {
        ok: false,
        text: `database: rows refer to what is gone\n${orphans.map(({ table, parent, rows }) => `${rows} of ${table}, in ${parent}`).join('\n')}`,
        next: 'delete the rows named, with the kernel stopped, after a copy of the database',
      };
  const beyond = queries.cursorsBeyondEnd();
  yield beyond.length === 0
    ? { ok: true, text: 'database: every cursor stands within its log' }
    : {
        ok: false,
        text: `database: cursors stand behind the end of their log\n${beyond.map(({ plugin, name, lane, seq, end }) => `${plugin}.${name}, lane ${lane}: ${seq}, the log ends at ${end}`).join('\n')}`,
        next: 'was the database restored from an older copy than its plugins’ data? restore both from one copy',
      };
  const parked = queries.parked();
  yield parked === 0
    ? { ok: true, text: 'database: nothing is parked' }
    : { ok: false, text: `database: ${parked} parked items wait for a decision`, next: 'heldar parked list' };
}

const wrong: readonly MigrationState[] = ['edited', 'draft-edited', 'missing'];

function migrationFinding(migrations: ReturnType<typeof migrationStatus>): Finding {
  const bad = migrations.filter(({ state }) => wrong.includes(state));
  if (bad.length > 0)
    return {
      ok: false,
      text: `migrations: ${bad.map(({ owner, name, state }) => `${owner} ${name} is ${state}`).join(', ')}`,
      next: bad.some(({ owner }) => owner === kernelName)
        ? 'run the kernel that this database was migrated with, or a newer one'
        : 'restore the files (heldar migrate status shows them), or remove the plugin: heldar migrate uninstall',
    };
  const pending = migrations.filter(({ state }) => state === 'pending').length;
  const applied = migrations.length - pending;
  return {
    ok: true,
    text: `migrations: ${applied} applied${pending === 0 ? '' : `, ${pending} pending; a start applies them`}`,
  };
}
