/** Which plugins does a save concern, and does it concern more than plugins? */
import { basename, sep } from 'node:path';

export interface WatchedPlugin {
  readonly name: string;
  /** Of its package; null for one that the composition imports itself. */
  readonly folder: string | null;
  /** Its module. */
  readonly file: string | null;
}

export interface Affected {
  /** Some file of the composition. */
  readonly composition: boolean;
  /** Names, in the order given. */
  readonly plugins: readonly string[];
  /** A file that only a new start takes in; null: none. */
  readonly restart: string | null;
}

/** Files that say which packages and variables there are. */
const startFiles: ReadonlySet<string> = new Set([
  '.env',
  'package-lock.json',
  'pnpm-lock.yaml',
  'yarn.lock',
  'bun.lock',
]);

/**
 * `entriesOf`: modules that reach a file by their imports. A file that nothing imports, a migration or a package.json, belongs to the
 * plugin in whose folder it lies, the deepest one; so does code that could not be loaded yet.
 */
export function findAffected(
  files: readonly string[],
  site: {
    readonly plugins: readonly WatchedPlugin[];
    /** Absolute paths. */
    readonly compositions: readonly string[];
    entriesOf(file: string): ReadonlySet<string>;
  },
): Affected {
  const compositions = new Set(site.compositions);
  const names = new Set<string>();
  for (const file of files) {
    if (compositions.has(file) || startFiles.has(basename(file))) continue;
    const entries = site.entriesOf(file);
    const reaching = site.plugins.filter((plugin) => plugin.file !== null && entries.has(plugin.file));
    const holder = holderOf(file, site.plugins);
    for (const { name } of reaching) names.add(name);
    if (holder !== null && (reaching.length === 0 || isPackageFile(file, holder))) names.add(holder.name);
  }
  return {
    composition: files.some((file) => compositions.has(file)),
    plugins: site.plugins.map(({ name }) => name).filter((name) => names.has(name)),
    restart: files.find((file) => startFiles.has(basename(file))) ?? null,
  };
}

function isPackageFile(file: string, { folder }: WatchedPlugin): boolean {
  return file === `${folder ?? ''}${sep}package.json`;
}

function holderOf(file: string, plugins: readonly WatchedPlugin[]): WatchedPlugin | null {
  let found: WatchedPlugin | null = null;
  for (const plugin of plugins) {
    const { folder } = plugin;
    if (folder === null || !file.startsWith(folder + sep)) continue;
    if (found === null || folder.length > (found.folder?.length ?? 0)) found = plugin;
  }
  return found;
}
