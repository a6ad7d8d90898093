/** Which module an entry of a composition means, and which plugin that is as far as can be told before it is loaded. */
import { pathToFileURL } from 'node:url';
import { isLazyPlugin, isPlugin, isPluginInstance } from '@heldar/plugin-sdk';
import type { UseOptions } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { pathOf } from '../runtime/stack-places.ts';
import { findPackage, isPath, resolveModule } from './resolve-module.ts';

export interface PluginSource {
  /** As written: `@acme/heldar-ppe`, `./parking/src/index.ts`; null for a plugin that the composition imports itself. */
  readonly specifier: string | null;
  /** Absolute path of the module, when it can be told. */
  readonly file: string | null;
  /** Absolute path of its package's `package.json`, when it can be told. */
  readonly packageFile: string | null;
  /** Loads the module: its default export is the plugin, if it is one. */
  load(): Promise<unknown>;
  /** What the same words mean now: an upgrade may have put another file in its place. */
  again(): PluginSource;
}

export interface NamedPlugin {
  readonly name: string | null;
  readonly source: PluginSource;
  readonly config: unknown;
  readonly options: UseOptions;
}

/** What an entry names, or null when it is no entry. `folder` is that of the composition. */
export function readPluginEntry(entry: unknown, folder: string): NamedPlugin | null {
  if (typeof entry === 'string') {
    const source = sourceOf(entry, folder, (file) => importFile(entry, file));
    return { name: nameOf(source), source, config: undefined, options: {} };
  }
  if (isLazyPlugin(entry)) {
    const source = sourceOf(specifierOf(entry.load), folder, () => entry.load());
    return { name: nameOf(source), source, config: entry.config, options: entry.options };
  }
  if (isPluginInstance(entry)) return imported(entry.plugin, entry.config);
  return isPlugin(entry) ? imported(entry, undefined) : null;
}

function imported(plugin: ImportedPlugin, config: unknown): NamedPlugin {
  const packageFile = ownPackage(plugin)?.file ?? null;
  const source: PluginSource = {
    specifier: null,
    file: null,
    packageFile,
    load: async () => ({ default: plugin }),
    again: () => source,
  };
  return { name: plugin.definition.name, source, config, options: {} };
}

interface ImportedPlugin {
  readonly definition: { readonly name: string };
  readonly definedIn?: string | null;
}

/** The package around the file that defines it, if that is the plugin's: a test may define several within another package. */
function ownPackage({ definition, definedIn }: ImportedPlugin): ReturnType<typeof findPackage> {
  // A copy of the SDK from before it told this makes plugins as well.
  const found = typeof definedIn === 'string' ? findPackage(pathOf(definedIn)) : null;
  if (found === null) return null;
  const { name, heldar } = found.content as { name?: unknown; heldar?: { name?: unknown } | null };
  const own = heldar?.name ?? (typeof name === 'string' ? nameFromPackage(name) : null);
  return own === definition.name ? found : null;
}

function sourceOf(
  specifier: string | null,
  folder: string,
  load: (file: string | null) => Promise<unknown>,
): PluginSource {
  const file = specifier === null ? null : resolveModule(specifier, folder);
  const packageFile = file === null ? null : (findPackage(file)?.file ?? null);
  return {
    specifier,
    file,
    packageFile,
    load: () => load(file),
    again: () => sourceOf(specifier, folder, load),
  };
}

async function importFile(specifier: string, file: string | null): Promise<unknown> {
  if (file !== null) return import(/* @vite-ignore */ pathToFileURL(file).href);
  throw new HeldarError(
    'plugin_invalid',
    isPath(specifier)
      ? `cannot find ${specifier}; the path is relative to the composition that names it`
      : `cannot find the package ${specifier}; install it: npm install ${specifier}`,
  );
}

/**
 * What `() => import('…')` imports, read from the function's own text: a plugin's package is known before its code runs.
 * Null when the text doesn't say; then the plugin is known once it is loaded.
 */
function specifierOf(load: () => Promise<unknown>): string | null {
  return /import\w*\(\s*(["'`])([^"'`$]+)\1/.exec(load.toString())?.[2] ?? null;
}

/** `heldar.name` of its package; without it a package's own name says it, but a path may lie in any package. */
function nameOf({ file, specifier }: PluginSource): string | null {
  const content = file === null ? null : findPackage(file)?.content;
  const heldar = content?.heldar;
  if (typeof heldar === 'object' && heldar !== null && 'name' in heldar && typeof heldar.name === 'string')
    return heldar.name;
  return specifier === null || isPath(specifier) ? null : nameFromPackage(specifier);
}

/** `@heldar/plugin-zones` → `zones`, `@acme/heldar-ppe` → `ppe`, `heldar-plugin-gate` → `gate`. */
export function nameFromPackage(name: string): string {
  const [own = ''] = name.replace(/^@[^/]+\//, '').split('/');
  return own.replace(/^(?:heldar-plugin-|heldar-|plugin-)/, '');
}
