/** What does a rehearsal run on? A temporary database with the whole schema and the rows of one owner's tables. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SqliteDatabase } from '../database.ts';
import { kernelName, ownerOf, quoted, type MigrationOwner, type Prefixes } from './owner.ts';

/** Tables of the kernel that grow without bound: their newest rows stand for the rest. */
const bigTables = new Set([
  'log',
  'log_labels',
  'events',
  'segments',
  'consumer_state',
  'evidence',
  'parked',
]);
const newestRows = 1000;

interface TableInfo {
  readonly name: string;
  readonly type: 'table' | 'virtual' | 'shadow';
  readonly hasRowid: boolean;
}

/** Hands a copy to `run` and removes it however that ends. The live database is only read. */
export function withRehearsalCopy(
  live: SqliteDatabase,
  owner: MigrationOwner,
  prefixes: Prefixes,
  run: (copy: SqliteDatabase) => void,
): void {
  const folder = makeFolder(live);
  try {
    const file = join(folder, 'copy.db');
    copyTables(live, file, folder, owner, prefixes);
    const copy = openTemporary(file);
    try {
      createLater(live, copy);
      run(copy);
    } finally {
      copy.close();
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Beside the database, where there is room for it; always the same name, so that what a crash left goes with the next rehearsal. */
function makeFolder(live: SqliteDatabase): string {
  if (live.memory) return mkdtempSync(join(tmpdir(), 'heldar-rehearsal-'));
  const folder = `${live.name}.rehearsal`;
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { mode: 0o700 });
  return folder;
}

/** Nothing here outlives the process: no syncs, rollback in memory. */
function openTemporary(file: string): SqliteDatabase {
  const db = new Database(file);
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  db.pragma('foreign_keys = OFF');
  return db;
}

function copyTables(
  live: SqliteDatabase,
  file: string,
  folder: string,
  owner: MigrationOwner,
  prefixes: Prefixes,
): void {
  const copy = openTemporary(file);
  try {
    // Shadow tables of full-text indexes are written only in this mode.
    copy.unsafeMode(true);
    const tables = readTables(live);
    for (const { name, type } of tables) if (type !== 'shadow') copy.exec(definitionOf(live, name));
    copy.prepare('ATTACH ? AS live').run(sourceOf(live, folder));
    copy.transaction(() => {
      for (const table of tables)
        if (table.type !== 'virtual' && ownerOf(table.name, prefixes) === owner.name)
          copyRows(copy, table, owner.name === kernelName && bigTables.has(table.name));
      copySequences(copy);
    })();
    copy.exec('DETACH live');
  } finally {
    copy.close();
  }
}

function sourceOf(live: SqliteDatabase, folder: string): string {
  if (!live.memory) return live.name;
  const file = join(folder, 'live.db');
  writeFileSync(file, live.serialize());
  return file;
}

function readTables(live: SqliteDatabase): TableInfo[] {
  const rows = live
    .prepare(
      `SELECT l.name, l.type, l.wr = 0 AS hasRowid FROM main.sqlite_schema s
       JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name
       WHERE s.type = 'table' AND s.name NOT LIKE 'sqlite\\_%' ESCAPE '\\' ORDER BY s.rowid`,
    )
    .all() as (Omit<TableInfo, 'hasRowid'> & { hasRowid: number })[];
  return rows.map((row) => ({ ...row, hasRowid: row.hasRowid === 1 }));
}

function definitionOf(live: SqliteDatabase, table: string): string {
  const row = live.prepare(`SELECT sql FROM main.sqlite_schema WHERE type = 'table' AND name = ?`).get(table);
  return (row as { sql: string }).sql;
}

function copyRows(copy: SqliteDatabase, { name, hasRowid }: TableInfo, newestOnly: boolean): void {
  const columns = copy
    .prepare('SELECT name, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid')
    .all(name) as { name: string; pk: number }[];
  const list = columns.map((column) => quoted(column.name)).join(', ');
  const order = hasRowid
    ? 'rowid DESC'
    : columns
        .filter(({ pk }) => pk > 0)
        .sort((a, b) => a.pk - b.pk)
        .map((column) => `${quoted(column.name)} DESC`)
        .join(', ');
  const which = newestOnly ? ` ORDER BY ${order} LIMIT ${newestRows}` : '';
  // A full-text index begins with rows of its own.
  copy.exec(`DELETE FROM main.${quoted(name)}`);
  copy.exec(`INSERT INTO main.${quoted(name)} (${list}) SELECT ${list} FROM live.${quoted(name)}${which}`);
}

function copySequences(copy: SqliteDatabase): void {
  const name = 'sqlite_sequence';
  if (copy.prepare('SELECT 1 FROM main.sqlite_schema WHERE name = ?').get(name) === undefined) return;
  copy.exec(`DELETE FROM main.${name}; INSERT INTO main.${name} SELECT * FROM live.${name}`);
}

/** Indexes, views and triggers come once the rows are in. */
function createLater(live: SqliteDatabase, copy: SqliteDatabase): void {
  const rows = live
    .prepare(
      `SELECT sql FROM main.sqlite_schema WHERE type <> 'table' AND sql IS NOT NULL
       ORDER BY CASE type WHEN 'index' THEN 0 WHEN 'view' THEN 1 ELSE 2 END, rowid`,
    )
    .all() as { sql: string }[];
  for (const { sql } of rows) copy.exec(sql);
}
