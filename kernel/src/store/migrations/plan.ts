/** What is to be done: which migrations are applied, pending, edited, gone, or drafts? Rows and files in, states out. */
import { HeldarError } from '../../errors.ts';
import type { LedgerRow } from './ledger.ts';
import { isReleased, kernelName, releasedNames, type MigrationOwner } from './owner.ts';
import type { Migration } from './read.ts';

/**
 * - `applied`, `draft`: in the database as the file says, released or not
 * - `pending`: a file that has not run
 * - `edited`, `draft-edited`: in the database with another text than the file's
 * - `missing`: in the database, no file
 */
export type MigrationState = 'applied' | 'pending' | 'edited' | 'missing' | 'draft' | 'draft-edited';

export interface PlannedMigration {
  readonly name: string;
  readonly state: MigrationState;
  /** Released, now or when it was applied. */
  readonly shipped: boolean;
  readonly row: LedgerRow | null;
  readonly file: Migration | null;
}

/** `rows` are those of the owner. In order. */
export function planMigrations(
  rows: readonly LedgerRow[],
  files: readonly Migration[],
  owner: Pick<MigrationOwner, 'release'>,
): PlannedMigration[] {
  const rowOf = new Map(rows.map((row) => [row.name, row]));
  const fileOf = new Map(files.map((file) => [file.name, file]));
  return [...new Set([...rowOf.keys(), ...fileOf.keys()])].sort().map((name) => {
    const row = rowOf.get(name) ?? null;
    const file = fileOf.get(name) ?? null;
    const shipped = isReleased(owner, name) || row?.shipped === true;
    return { name, state: stateOf(row, file, shipped), shipped, row, file };
  });
}

function stateOf(row: LedgerRow | null, file: Migration | null, shipped: boolean): MigrationState {
  if (row === null) return 'pending';
  if (file === null) return 'missing';
  if (row.checksum === file.checksum) return shipped ? 'applied' : 'draft';
  return shipped ? 'edited' : 'draft-edited';
}

/** Drafts whose text changed or went away since they were applied. */
export function draftChangesOf(plan: readonly PlannedMigration[]): PlannedMigration[] {
  return plan.filter(({ state, shipped }) => !shipped && (state === 'draft-edited' || state === 'missing'));
}

/** @throws HeldarError `migration_changed` for what may not have changed, `plugin_invalid` for an impossible release manifest. */
export function refuseChanges(
  owner: MigrationOwner,
  plan: readonly PlannedMigration[],
  options: { allowDrafts: boolean },
): void {
  for (const planned of plan)
    if (planned.shipped && (planned.state === 'edited' || planned.state === 'missing'))
      throw changed(owner, planned);
  const [draft] = draftChangesOf(plan);
  if (draft !== undefined) {
    if (!options.allowDrafts) throw changed(owner, draft);
    return;
  }
  refuseBadRelease(owner, plan);
  const firstPending = plan.find(({ state }) => state === 'pending');
  const lastApplied = plan.findLast(({ state }) => state !== 'pending');
  if (firstPending !== undefined && lastApplied !== undefined && firstPending.name < lastApplied.name)
    throw new HeldarError(
      'migration_changed',
      `${owner.name}: ${lastApplied.name} is applied but ${firstPending.name} before it is not; ` +
        `next: give ${firstPending.name} the next free number`,
      { details: { owner: owner.name, name: firstPending.name } },
    );
}

function changed(owner: MigrationOwner, { name, state, row, file }: PlannedMigration): HeldarError {
  const what = state === 'missing' ? 'is applied but its file is gone' : 'was edited after it was applied';
  return new HeldarError(
    'migration_changed',
    `${owner.name}: ${file?.file ?? `${name}.sql`} ${what}; next: ${nextStep(owner, state, row)}`,
    { details: { owner: owner.name, name, state, file: file?.file ?? null } },
  );
}

function nextStep(owner: MigrationOwner, state: MigrationState, row: LedgerRow | null): string {
  if (row?.shipped === false)
    return `this database holds a draft of it: roll it back with \`heldar migrate down ${owner.name}\`, then run \`heldar migrate up\``;
  if (state === 'missing')
    return owner.name === kernelName
      ? 'the database is of a newer kernel: start that version, or restore a backup taken with this one'
      : `the database is of a newer version of ${owner.name}: install that version, or restore the file`;
  return 'restore the file as it was released and put the change into a new migration';
}

/** A release is the beginning of the sequence: no draft below a released migration, and every released one has its file. */
function refuseBadRelease(owner: MigrationOwner, plan: readonly PlannedMigration[]): void {
  if (owner.release === 'all') return;
  const names = plan.map(({ name }) => name);
  const released = releasedNames(owner.release);
  const absent = released.find((name) => !names.includes(name));
  const draft = plan.find(({ shipped }) => !shipped);
  const above = draft && plan.find(({ name }) => name > draft.name && released.includes(name));
  const problem =
    absent !== undefined
      ? `heldar.release names ${absent}, which has no file`
      : above !== undefined
        ? `heldar.release names ${above.name} but not ${draft?.name} before it`
        : null;
  if (problem !== null)
    throw new HeldarError(
      'plugin_invalid',
      `${owner.name}: ${problem}; next: correct heldar.release in its package.json`,
      { details: { owner: owner.name } },
    );
}
