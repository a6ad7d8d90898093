/** Whose migrations are these, and whose is a name in the schema? */
import { HeldarError } from '../../errors.ts';

export interface MigrationOwner {
  /** `kernel`, or the plugin's name. */
  readonly name: string;
  /** What the names of its tables, indexes, triggers and views begin with; '' for the kernel. */
  readonly prefix: string;
  /** Folder of its SQL files; null when it has none. */
  readonly folder: string | null;
  /** Its released migrations from its committed manifest, as names (`0001_zones`) or files (`0001_zones.sql`). Anything else is a draft. */
  readonly release: readonly string[] | 'all';
}

/** Owner name → prefix of its names: every plugin the store knows. */
export type Prefixes = ReadonlyMap<string, string>;

export const kernelName = 'kernel';
export const ledgerTable = 'schema_migrations';
/** Owns the ledger and SQLite's own tables: no migration may touch them. */
const nobody = 'the store itself';

export function kernelOwner(folder: string): MigrationOwner {
  return { name: kernelName, prefix: '', folder, release: 'all' };
}

/** The owner with the longest prefix that fits; what fits none is the kernel's. */
export function ownerOf(objectName: string, prefixes: Prefixes): string {
  const name = objectName.toLowerCase();
  if (name === ledgerTable || name.startsWith('sqlite_')) return nobody;
  let owner = kernelName;
  let longest = 0;
  for (const [candidate, prefix] of prefixes)
    if (prefix.length > longest && name.startsWith(prefix)) {
      owner = candidate;
      longest = prefix.length;
    }
  return owner;
}

export function isReleased(owner: Pick<MigrationOwner, 'release'>, name: string): boolean {
  return owner.release === 'all' || releasedNames(owner.release).includes(name);
}

export function releasedNames(release: readonly string[]): string[] {
  return release.map((entry) => entry.replace(/\.sql$/, ''));
}

/** @throws HeldarError `plugin_invalid` when name and prefix can't keep owners apart. */
export function refuseUnusableOwner({ name, prefix }: Pick<MigrationOwner, 'name' | 'prefix'>): void {
  if ((name === kernelName) === (prefix === '') && /^(?:[a-z][a-z0-9_]*_)?$/.test(prefix)) return;
  throw new HeldarError(
    'plugin_invalid',
    `${name}: the table prefix "${prefix}" is not usable; next: use lower-case letters, digits and _, ending in _`,
    { details: { owner: name, prefix } },
  );
}

export function quoted(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}
