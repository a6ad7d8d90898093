/** Which plugin is replayed: its code, its checked options, and the migrations of its tables. */
import { resolve } from 'node:path';
import type { PluginDefinition } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import type { HostedPlugin } from '../plugins/host.ts';
import type { MigrationOwner } from '../store/migrations/owner.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';

export interface Subject {
  readonly definition: PluginDefinition;
  /** Of its package; empty without one. */
  readonly version: string;
  /** Checked options. */
  readonly config: unknown;
  /** Of its package; null without one. */
  readonly folder: string | null;
  /** Of its tables, behind those of plugins it requires. */
  readonly migrations: readonly MigrationOwner[];
}

/**
 * `plugins`: of the composition, loaded and their options checked. `cwd`: what paths of plugins without a package are relative to.
 * @throws HeldarError `usage` when there is no such plugin, `plugin_failed` when it can't be loaded as it is.
 */
export function subjectOf(plugins: readonly HostedPlugin[], name: string, cwd: string): Subject {
  const plugin = plugins.find((other) => other.name === name);
  if (plugin === undefined)
    throw new HeldarError(
      'usage',
      `the composition has no plugin '${name}'; it has ${plugins.map((other) => other.name).join(', ') || 'none'}`,
    );
  const { definition, failure, state, version, manifest, options: config } = plugin;
  if (definition === null || failure?.stage === 'config')
    throw new HeldarError(
      'plugin_failed',
      failure === null
        ? `${name} is ${state}; next: switch it on in the composition`
        : `${name} can't be replayed: ${failure.reason}${failure.place === null ? '' : `\n    ${failure.place}`}\n  next: ${failure.next}`,
    );
  const needed = neededBy(plugins, plugin).flatMap((other) => ownerOf(other, cwd));
  return { definition, version, config, folder: manifest?.folder ?? null, migrations: needed };
}

/** The plugin behind all it requires. */
function neededBy(
  plugins: readonly HostedPlugin[],
  plugin: HostedPlugin,
  seen = new Set<HostedPlugin>(),
): HostedPlugin[] {
  if (seen.has(plugin)) return [];
  seen.add(plugin);
  const required = plugins.filter(({ name }) => Object.hasOwn(plugin.manifest?.requires ?? {}, name));
  return [...required.flatMap((other) => neededBy(plugins, other, seen)), plugin];
}

function ownerOf({ name, definition, manifest }: HostedPlugin, cwd: string): MigrationOwner[] {
  if (definition?.migrations === undefined) return [];
  const folder = resolve(manifest?.folder ?? cwd, definition.migrations);
  return [{ name, prefix: tablePrefixOf(name), folder, release: manifest?.release ?? [] }];
}
