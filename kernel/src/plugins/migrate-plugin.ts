/** Are a plugin's tables up to date? When they can't be brought there, why. */
import { resolve } from 'node:path';
import { HeldarError } from '../errors.ts';
import type { SqliteDatabase } from '../store/database.ts';
import { migrate, type MigrateOptions } from '../store/migrations/migrate.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { failure, type PluginFailure } from './failure.ts';
import type { Slot } from './slot.ts';

/** null when they are up to date now, also when there are none. */
export function migratePlugin(
  db: SqliteDatabase,
  slot: Slot,
  options: MigrateOptions & { readonly cwd: string },
): PluginFailure | null {
  const { definition, manifest, name } = slot;
  if (definition?.migrations === undefined || manifest === null) return null;
  const folder = resolve(manifest.folder ?? options.cwd, definition.migrations);
  const owner = { name, prefix: tablePrefixOf(name), folder, release: manifest.release };
  try {
    const { draftChanges } = migrate(db, owner, options);
    if (draftChanges.length === 0) return null;
    const names = draftChanges.map((draft) => draft.name).join(', ');
    return failure(
      'migrations',
      `drafts that were applied have changed: ${names}`,
      `heldar migrate down ${name}, once for each, then start again`,
      { place: folder },
    );
  } catch (error) {
    return migrationFailure(error, folder);
  }
}

/** The text of a migration's error has place and next step in one line; here they stand apart. */
function migrationFailure(error: unknown, folder: string): PluginFailure {
  const { file, line, problem, next } = (error instanceof HeldarError ? error.details : {}) as {
    file?: string;
    line?: number;
    problem?: string;
    next?: string;
  };
  return failure(
    'migrations',
    problem ?? error,
    `${next ?? 'mend the migration named'}, then start again; nothing of it was kept`,
    { place: file === undefined ? folder : line === undefined ? file : `${file}:${line}` },
  );
}
