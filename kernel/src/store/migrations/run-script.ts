/** Runs one migration, statement by statement, in the caller's transaction, and refuses what is not its owner's to do. */
import type { SqliteDatabase } from '../database.ts';
import { brokenViews, refusalOfTriggers } from './compiled-objects.ts';
import { atPlace, migrationFailed, type Place } from './failure.ts';
import { newViolations, readViolations, refusalOfForeignKeys } from './foreign-keys.ts';
import { ownerOf, type MigrationOwner, type Prefixes } from './owner.ts';
import { refusalOfWrites } from './program.ts';
import { readSchema, refusalOfChange } from './schema-change.ts';
import { setAsideOtherPlugins } from './set-aside.ts';
import { splitStatements, type Statement } from './statements.ts';

export interface Script {
  readonly owner: MigrationOwner;
  /** For messages. */
  readonly file: string;
  readonly sql: string;
}

const allowed = [
  'CREATE',
  'ALTER',
  'DROP',
  'INSERT',
  'UPDATE',
  'DELETE',
  'REPLACE',
  'WITH',
  'SELECT',
  'VALUES',
];
const correct = 'correct the statement and run it again; nothing of this migration was kept';
const stayInside = 'change only what belongs to the owner; nothing of this migration was kept';

/**
 * The caller opened a transaction with foreign keys off, and rolls it back when this throws.
 * @throws HeldarError `migration_failed` with file, line, reason and next step.
 */
export function runScript(db: SqliteDatabase, script: Script, prefixes: Prefixes): void {
  const { owner, file } = script;
  const place: Place = { owner: owner.name, file };
  const statements = readStatements(script);
  const judge = atPlace(place, correct, () => openJudgement(db, owner, prefixes));
  const restore = atPlace(place, correct, () => setAsideOtherPlugins(db, owner, prefixes));
  for (const statement of statements) {
    const at = { ...place, line: statement.line };
    atPlace(at, correct, () => runStatement(db, statement, at, owner, prefixes));
  }
  atPlace(place, stayInside, restore);
  const problem = atPlace(place, correct, judge);
  if (problem !== null) throw migrationFailed(place, problem, stayInside);
}

function readStatements({ owner, file, sql }: Script): Statement[] {
  const nul = sql.indexOf('\0');
  if (nul >= 0)
    throw migrationFailed(
      { owner: owner.name, file, line: sql.slice(0, nul).split('\n').length },
      'holds a NUL character, behind which SQLite would read nothing',
      'remove it',
    );
  const statements = splitStatements(sql);
  if (statements.length === 0)
    throw migrationFailed({ owner: owner.name, file }, 'holds no statement', 'write one or remove the file');
  for (const { firstWord, line } of statements)
    if (!allowed.includes(firstWord))
      throw migrationFailed(
        { owner: owner.name, file, line },
        `${firstWord === '' ? 'this' : firstWord} can't stand in a migration, which runs in a transaction of its own`,
        `use only ${allowed.join(', ')}`,
      );
  return statements;
}

function runStatement(
  db: SqliteDatabase,
  { text }: Statement,
  place: Place,
  owner: MigrationOwner,
  prefixes: Prefixes,
): void {
  const foreignWrite = refusalOfWrites(db, text, owner, prefixes);
  if (foreignWrite !== null) throw migrationFailed(place, foreignWrite, stayInside);
  const before = readSchema(db);
  const statement = db.prepare(text);
  if (statement.reader) statement.all();
  else statement.run();
  if (!db.inTransaction)
    throw migrationFailed(place, 'ended the transaction it ran in', 'remove what ends transactions');
  const foreignChange = refusalOfChange(before, readSchema(db), owner, prefixes);
  if (foreignChange !== null) throw migrationFailed(place, foreignChange, stayInside);
}

/** Looks at the database before a migration; the function it answers says afterwards what the whole of it did wrong, or null. */
function openJudgement(db: SqliteDatabase, owner: MigrationOwner, prefixes: Prefixes): () => string | null {
  const violations = readViolations(db, owner, prefixes);
  const broken = brokenViews(db);
  const sequences = readSequences(db, owner, prefixes);
  return () => {
    const [orphan, ...more] = newViolations(violations, readViolations(db, owner, prefixes));
    if (orphan !== undefined)
      return (
        `leaves ${orphan.table}${orphan.rowid === null ? '' : ` row ${orphan.rowid}`} without its parent in ` +
        `${orphan.parent}${more.length === 0 ? '' : ` (and ${more.length} more)`}`
      );
    for (const [view, reason] of brokenViews(db))
      if (!broken.has(view) || ownerOf(view, prefixes) === owner.name)
        return `leaves the view ${view} broken: ${reason}`;
    if (readSequences(db, owner, prefixes) !== sequences)
      return 'changes sqlite_sequence for tables of other owners';
    return refusalOfForeignKeys(db, owner, prefixes) ?? refusalOfTriggers(db, owner, prefixes);
  };
}

/** The AUTOINCREMENT counters of tables that are not the owner's. */
function readSequences(db: SqliteDatabase, owner: MigrationOwner, prefixes: Prefixes): string {
  if (db.prepare(`SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'`).get() === undefined)
    return '[]';
  const rows = db.prepare('SELECT name, seq FROM main.sqlite_sequence ORDER BY name, rowid').all() as {
    name: string;
    seq: unknown;
  }[];
  return JSON.stringify(rows.filter(({ name }) => ownerOf(name, prefixes) !== owner.name));
}
