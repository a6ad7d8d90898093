/** How does a plugin's code get into memory, the first time and again after it has changed? */
import { registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import type { PluginSource } from '../config/plugin-source.ts';
import { HeldarError } from '../errors.ts';
import { isWithin, realFolder } from '../runtime/stack-places.ts';

export interface ModuleLoader {
  /** The module as its files are now. `folder`: of the plugin's package; code outside it is loaded once. @throws what the module throws. */
  load(source: PluginSource, folder: string | null): Promise<unknown>;
}

/**
 * Node's own import, for built code. Its module cache gives nothing back, so each further load of a plugin costs the memory of its
 * modules (about 280 KB for 24): right for changes by hand, while development has a loader of its own.
 */
export function createImportLoader(): ModuleLoader {
  const loaded = new Set<string>();
  const generations = new Map<string, string>();
  let hooked = false;
  let count = 0;

  /** A module of the package that is imported by one of generation n is of generation n. */
  const hook = () => {
    hooked = true;
    registerHooks({
      resolve(specifier, context, nextResolve) {
        const resolved = nextResolve(specifier, context);
        const generation = /[?&]generation=(\d+)$/.exec(context.parentURL ?? '')?.[1];
        const folder = generation === undefined ? undefined : generations.get(generation);
        if (folder === undefined || !resolved.url.startsWith('file:')) return resolved;
        const file = new URL(resolved.url);
        if (!isWithin(decodeURIComponent(file.pathname), folder)) return resolved;
        return { ...resolved, url: `${file.href}?generation=${generation}` };
      },
    });
  };

  return {
    async load(source, folder) {
      const { file, packageFile } = source;
      // By package: an upgrade may have given it another entry, while Node remembers which file its name meant.
      const key = packageFile ?? file;
      const known = key !== null && loaded.has(key);
      // Before the import: Node remembers what threw as well.
      if (key !== null) loaded.add(key);
      if (file === null || !known) return source.load();
      if (!hooked) hook();
      const generation = String((count += 1));
      if (folder !== null) generations.set(generation, realFolder(folder));
      return import(/* @vite-ignore */ `${pathToFileURL(file).href}?generation=${generation}`);
    },
  };
}

/** @throws HeldarError `conflict` for a plugin whose code can't be loaded again. */
export function refuseUnreloadable(name: string, { file }: PluginSource): void {
  if (file !== null) return;
  throw new HeldarError(
    'conflict',
    `${name} can't be loaded again: the composition imports it itself; next: name it by package or path, or write use(() => import('…')), and start again`,
  );
}
