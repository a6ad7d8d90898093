/** Whose migrations does this composition bring? The kernel's first, then those of each plugin that can be loaded. */
import { resolve } from 'node:path';
import { applyOverrides, type ResolvedPluginEntry } from '../config/resolve-plugins.ts';
import type { ResolvedConfig } from '../config/load-config.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { readDefinition } from '../plugins/definition.ts';
import { checkLock, openLock } from '../plugins/lock/check-lock.ts';
import { readManifest } from '../plugins/manifest.ts';
import type { MigrationOwner } from '../store/migrations/owner.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';

export interface MigrationOwners {
  readonly loaded: readonly MigrationOwner[];
  readonly failed: readonly { readonly name: string; readonly error: HeldarError }[];
}

/** A plugin that can't be loaded does not keep the others from being migrated. */
export async function loadMigrationOwners(
  config: ResolvedConfig,
  kernel: MigrationOwner,
): Promise<MigrationOwners> {
  const loaded: MigrationOwner[] = [kernel];
  const failed: { name: string; error: HeldarError }[] = [];
  const lock = openLock(config);
  for (const entry of config.plugins) {
    try {
      const owner = await loadOwner(entry, config, lock);
      if (owner !== null) loaded.push(owner);
    } catch (error) {
      const name = entry.name ?? entry.source.specifier ?? 'a plugin';
      failed.push({
        name,
        error: new HeldarError('plugin_failed', `${name} can't be loaded: ${messageOf(error)}`, {
          cause: error,
        }),
      });
    }
  }
  return { loaded, failed };
}

/** Null when the plugin has no migrations, or its module is the first to say that it is one switched off. */
async function loadOwner(
  entry: ResolvedPluginEntry,
  config: ResolvedConfig,
  lock: ReturnType<typeof openLock>,
): Promise<MigrationOwner | null> {
  const { source } = entry;
  const manifest = readManifest(source, entry.name);
  const plugin = { entry, manifest, definition: null, name: entry.name ?? source.specifier ?? 'a plugin' };
  const refused = await checkLock(lock, plugin, config.cwd);
  if (refused !== null) throw new HeldarError('plugin_invalid', `${refused.reason}\n  next: ${refused.next}`);
  const { name, migrations } = readDefinition(await source.load(), manifest, source.specifier);
  if (entry.name === null && !('source' in applyOverrides(name, entry, config.overrides))) return null;
  if (migrations === undefined) return null;
  return {
    name,
    prefix: tablePrefixOf(name),
    folder: resolve(manifest.folder ?? config.cwd, migrations),
    release: manifest.release,
  };
}
