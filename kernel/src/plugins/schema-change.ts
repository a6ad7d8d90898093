/** How do a plugin's tables follow its migrations, drafts included? */
import { join, resolve } from 'node:path';
import { HeldarError } from '../errors.ts';
import type { SqliteDatabase } from '../store/database.ts';
import type { ExclusiveArgs, ExclusiveName, ExclusiveResult } from '../store/exclusives.ts';
import type { MigrationOwner } from '../store/migrations/owner.ts';
import { migrationStatus } from '../store/migrations/status.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { failure, type PluginFailure } from './failure.ts';
import type { Slot } from './slot.ts';

/** Runs an operation that has the database to itself: on the writer thread, or before it opens. */
export type RunExclusive = <Name extends ExclusiveName>(
  name: Name,
  args: ExclusiveArgs<Name>,
) => Promise<ExclusiveResult<Name>>;

export interface SchemaOptions {
  readonly cwd: string;
  /** Outside production a migration that is not released may be edited: the plugin's tables then go back to before it. */
  readonly allowDrafts: boolean;
  /** Folder of the copies that this needs. */
  readonly snapshots: string;
  now(): number;
}

/** null: it has no migrations. */
export function migrationOwnerOf(slot: Slot, cwd: string): MigrationOwner | null {
  const { definition, manifest, name } = slot;
  if (definition?.migrations === undefined || manifest === null) return null;
  const folder = resolve(manifest.folder ?? cwd, definition.migrations);
  return { name, prefix: tablePrefixOf(name), folder, release: manifest.release };
}

/** Is there something to do before the plugin can run? @throws HeldarError as the reading of migrations does. */
export function needsMigration(reader: SqliteDatabase, owner: MigrationOwner | null): boolean {
  if (owner === null) return false;
  return migrationStatus(reader, [owner]).some(
    ({ owner: name, state }) => name === owner.name && state !== 'applied' && state !== 'draft',
  );
}

/** Its tables, state and cursors before the first of its drafts was applied. */
export function draftSnapshotOf(snapshots: string, plugin: string): string {
  return join(snapshots, `${plugin}.before-drafts.db`);
}

/** The same before a change of generation. */
export function changeSnapshotOf(snapshots: string, plugin: string): string {
  return join(snapshots, `${plugin}.before-change.db`);
}

/**
 * null when they are up to date now, also when there are none. Nothing of the plugin may run meanwhile. `beforeChange`: the copy that
 * a change which fails goes back to; it keeps what is taken back with drafts.
 */
export async function migratePlugin(
  run: RunExclusive,
  slot: Slot,
  options: SchemaOptions,
  beforeChange: string | null = null,
): Promise<PluginFailure | null> {
  const owner = migrationOwnerOf(slot, options.cwd);
  if (owner === null) return null;
  try {
    return await bringUpToDate(run, owner, options, beforeChange);
  } catch (error) {
    return migrationFailure(error, owner.folder ?? options.cwd);
  }
}

async function bringUpToDate(
  run: RunExclusive,
  owner: MigrationOwner,
  { allowDrafts, snapshots, now }: SchemaOptions,
  beforeChange: string | null,
): Promise<PluginFailure | null> {
  const plugin = owner.name;
  const file = draftSnapshotOf(snapshots, plugin);
  const migrate = () => run('plugin.migrate', { owner, allowDrafts, at: now(), beforeDrafts: file });
  const { draftChanges } = await migrate();
  if (draftChanges.length === 0) return null;
  if (await run('plugin.restore', { plugin, file, forgetEvents: true, keptIn: beforeChange })) {
    const again = await migrate();
    if (again.draftChanges.length === 0) return null;
  }
  const names = draftChanges.map((draft) => draft.name).join(', ');
  return failure(
    'migrations',
    `drafts that were applied have changed: ${names}`,
    `heldar migrate down ${plugin}, once for each, then start again`,
    { place: owner.folder },
  );
}

/** The text of a migration's error has place and next step in one line; here they stand apart. */
export function migrationFailure(error: unknown, folder: string): PluginFailure {
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
