/** What would the lock say of a plugin as it lies there now? */
import { existsSync } from 'node:fs';
import { relative, resolve, sep } from 'node:path';
import type { PluginDefinition } from '@heldar/plugin-sdk';
import type { PluginSource } from '../../config/plugin-source.ts';
import { isReleased } from '../../store/migrations/owner.ts';
import { checksumOfFile, readMigrations } from '../../store/migrations/read.ts';
import { tablePrefixOf } from '../../store/table-prefix.ts';
import type { Manifest } from '../manifest.ts';
import type { LockedPlugin } from './lock-file.ts';
import { integrityOf, isInstalled } from './package-integrity.ts';

/** As far as it can be told without its code. */
export interface PresentPlugin extends Omit<LockedPlugin, 'capabilities' | 'migrations' | 'tablePrefix'> {
  /** Null: its package does not say them. */
  readonly capabilities: LockedPlugin['capabilities'] | null;
  /** sha256 of a file of its package, by its path in it; null when there is none. */
  checksum(path: string): string | null;
}

/** `cwd`: where the migrations of a plugin without a package lie. */
export async function readPresentPlugin(
  { specifier }: Pick<PluginSource, 'specifier'>,
  manifest: Manifest,
  cwd: string,
): Promise<PresentPlugin> {
  const { folder, version, capabilities, routes, isolation } = manifest;
  return {
    specifier,
    version,
    ...(folder !== null && isInstalled(folder)
      ? { integrity: await integrityOf(folder) }
      : { workspace: true as const }),
    capabilities: capabilities === null ? null : [...capabilities],
    routes: [...routes],
    ...(isolation === 'inline' ? {} : { isolation }),
    checksum(path) {
      const file = resolve(folder ?? cwd, path);
      return existsSync(file) ? checksumOfFile(file) : null;
    },
  };
}

/** All of it, once its code is loaded. @throws HeldarError `migration_failed` when its migrations can't be read. */
export async function readWholePlugin(
  source: Pick<PluginSource, 'specifier'>,
  manifest: Manifest,
  definition: Pick<PluginDefinition, 'name' | 'capabilities' | 'migrations'>,
  cwd: string,
): Promise<LockedPlugin> {
  const { checksum: _, ...present } = await readPresentPlugin(source, manifest, cwd);
  return {
    ...present,
    capabilities: present.capabilities ?? [...(definition.capabilities ?? [])],
    tablePrefix: tablePrefixOf(definition.name),
    migrations: shippedMigrations(manifest, definition.migrations, cwd),
  };
}

function shippedMigrations({ folder, release }: Manifest, migrations: string | undefined, cwd: string) {
  if (migrations === undefined) return {};
  const base = folder ?? cwd;
  const shipped = readMigrations(resolve(base, migrations)).filter(({ name }) =>
    isReleased({ release }, name),
  );
  return Object.fromEntries(
    shipped.map(({ file, checksum }) => [relative(base, file).split(sep).join('/'), checksum]),
  );
}
