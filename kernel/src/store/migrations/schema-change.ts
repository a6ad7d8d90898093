/** What did a statement do to the schema, and was that its owner's to do? The difference decides, not the text. */
import type { SqliteDatabase } from '../database.ts';
import { ownerOf, type MigrationOwner, type Prefixes } from './owner.ts';

export interface SchemaObject {
  readonly type: 'table' | 'index' | 'trigger' | 'view';
  readonly name: string;
  /** The table or view an index or trigger belongs to. */
  readonly table: string;
  readonly sql: string | null;
  /** Lives in the connection, not in the file. */
  readonly temporary: boolean;
}

export type Schema = ReadonlyMap<string, SchemaObject>;

/** In the order of creation. */
export function readSchema(db: SqliteDatabase): Schema {
  const rows = db
    .prepare(
      `SELECT type, name, tbl_name AS "table", sql, 0 AS temporary FROM main.sqlite_schema
       UNION ALL SELECT type, name, tbl_name, sql, 1 FROM temp.sqlite_schema`,
    )
    .all() as (Omit<SchemaObject, 'temporary'> & { temporary: number })[];
  return new Map(
    rows.map((row) => [
      `${row.temporary}/${row.type}/${row.name}`,
      { ...row, temporary: row.temporary === 1 },
    ]),
  );
}

/** The first thing the owner may not do, as a sentence without a subject; null when all of it is its own. */
export function refusalOfChange(
  before: Schema,
  after: Schema,
  owner: MigrationOwner,
  prefixes: Prefixes,
): string | null {
  for (const { verb, object } of differencesOf(before, after)) {
    const problem = problemOf(object, owner, prefixes);
    if (problem !== null) return `${verb} the ${object.type} ${object.name}, ${problem}`;
  }
  return null;
}

function* differencesOf(before: Schema, after: Schema): Generator<{ verb: string; object: SchemaObject }> {
  for (const [key, object] of after) {
    const old = before.get(key);
    if (old === undefined) yield { verb: 'creates', object };
    else if (old.sql !== object.sql || old.table !== object.table) yield { verb: 'changes', object };
  }
  for (const [key, object] of before) if (!after.has(key)) yield { verb: 'drops', object };
}

function problemOf(object: SchemaObject, owner: MigrationOwner, prefixes: Prefixes): string | null {
  if (object.temporary) return 'a temporary object; use a table of its own and drop it';
  // Indexes of UNIQUE and PRIMARY KEY follow their table; sqlite_sequence comes with the first AUTOINCREMENT.
  if (object.name.startsWith('sqlite_')) return null;
  const nameOwner = ownerOf(object.name, prefixes);
  if (nameOwner !== owner.name || !object.name.startsWith(owner.prefix))
    return owner.prefix === ''
      ? `a name of ${nameOwner}`
      : `whose name must begin with ${owner.prefix} (it is ${nameOwner === owner.name ? 'written otherwise' : `of ${nameOwner}`})`;
  const tableOwner = ownerOf(object.table, prefixes);
  if (tableOwner !== owner.name) return `which is on ${object.table}, of ${tableOwner}`;
  return null;
}
