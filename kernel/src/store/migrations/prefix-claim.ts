/** May this owner use its table prefix here? A prefix that fits another owner's names would hand them over. */
import { HeldarError } from '../../errors.ts';
import type { SqliteDatabase } from '../database.ts';
import { prefixesOf, type LedgerRow } from './ledger.ts';
import { ledgerTable, ownerOf, refuseUnusableOwner, type MigrationOwner, type Prefixes } from './owner.ts';

/**
 * All prefixes of the store with this owner's.
 * @throws HeldarError `plugin_invalid` when the prefix is malformed, was another one, or fits names that exist without it.
 */
export function claimPrefix(db: SqliteDatabase, owner: MigrationOwner, rows: readonly LedgerRow[]): Prefixes {
  refuseUnusableOwner(owner);
  const known = prefixesOf(rows);
  if (owner.prefix === '') return known;
  const previous = known.get(owner.name);
  const holder = [...known].find(([name, prefix]) => name !== owner.name && prefix === owner.prefix)?.[0];
  if (previous !== undefined && previous !== owner.prefix)
    throw taken(owner, `its tables begin with ${previous}`, `declare ${previous} again`);
  if (holder !== undefined) throw taken(owner, `it is the prefix of ${holder}`, 'declare another prefix');
  const prefixes = new Map(known).set(owner.name, owner.prefix);
  if (previous === undefined) refuseExistingNames(db, owner, known, prefixes);
  return prefixes;
}

/** `camera_` would make `camera_secrets` of the kernel a table of the plugin. */
function refuseExistingNames(
  db: SqliteDatabase,
  owner: MigrationOwner,
  known: Prefixes,
  prefixes: Prefixes,
): void {
  const names = db
    .prepare(`SELECT name FROM main.sqlite_schema WHERE type IN ('table', 'view')`)
    .pluck()
    .all() as string[];
  const existing = names.filter((name) => ownerOf(name, prefixes) === owner.name);
  const [first] = existing;
  if (first !== undefined || ledgerTable.startsWith(owner.prefix) || 'sqlite_'.startsWith(owner.prefix))
    throw taken(
      owner,
      `it fits names of ${first === undefined ? 'the store itself' : ownerOf(first, known)}` +
        (first === undefined ? '' : ` (${existing.join(', ')})`),
      'rename the plugin or declare another prefix',
    );
}

function taken(owner: MigrationOwner, problem: string, next: string): HeldarError {
  return new HeldarError(
    'plugin_invalid',
    `${owner.name}: the table prefix ${owner.prefix} can't be used: ${problem}; next: ${next}`,
    { details: { owner: owner.name, prefix: owner.prefix } },
  );
}
