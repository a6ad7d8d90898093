/** How do all traces of a plugin in the store go back to what they were? Its objects, rows, ledger, cursors and state, copied to a file of their own. */
import { mkdirSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import type { SqliteDatabase } from '../database.ts';
import { applyWhole } from './apply.ts';
import { prefixesOf, readLedger } from './ledger.ts';
import { ledgerTable, ownerOf, quoted, type Prefixes } from './owner.ts';
import { dropOwn } from './uninstall.ts';

interface StoredObject {
  readonly type: 'table' | 'index' | 'view' | 'trigger';
  readonly name: string;
  readonly sql: string;
}

interface OwnTable {
  readonly name: string;
  readonly type: 'table' | 'virtual' | 'shadow';
  readonly columns: readonly string[];
  /** Rows are told apart by a rowid that no column shows. */
  readonly hiddenRowid: boolean;
}

/** What the kernel keeps about consumers; `consumers` itself is handled apart, since epochs only rise. */
const consumerTables = ['lanes', 'consumer_state', 'parked'] as const;
const rowidColumn = 'heldar_rowid';

/**
 * Copies to `file`, which is written anew. Must be called outside a transaction, while nothing of the plugin runs. The file is not
 * synced: after a crash of the machine it may be unusable, and `restoreSnapshot` says so.
 */
export function takeSnapshot(db: SqliteDatabase, plugin: string, file: string): void {
  removeSnapshot(file);
  mkdirSync(dirname(file), { recursive: true });
  withAttached(db, 'snap', file, () => {
    db.transaction(() => {
      const prefixes = prefixesOf(readLedger(db));
      db.exec('CREATE TABLE snap.objects (type TEXT, name TEXT, sql TEXT)');
      db.exec('CREATE TABLE snap.sequences (name TEXT, seq INTEGER)');
      const keep = db.prepare('INSERT INTO snap.objects VALUES (?, ?, ?)');
      for (const { type, name, sql } of ownObjects(db, plugin, prefixes)) keep.run(type, name, sql);
      const keepSequence = hasSequences(db)
        ? db.prepare('INSERT INTO snap.sequences SELECT name, seq FROM main.sqlite_sequence WHERE name = ?')
        : null;
      for (const table of ownTables(db, plugin, prefixes)) {
        if (table.type === 'virtual') continue;
        db.exec(
          `CREATE TABLE snap.${copyOf(table.name)} AS SELECT ${selected(table)} FROM main.${quoted(table.name)}`,
        );
        keepSequence?.run(table.name);
      }
      db.prepare(
        `CREATE TABLE snap.ledger AS SELECT * FROM main.${ledgerTable} WHERE owner = '${plugin}'`,
      ).run();
      db.exec(`CREATE TABLE snap.consumers AS SELECT * FROM main.consumers WHERE plugin = '${plugin}'`);
      for (const table of consumerTables)
        db.exec(
          `CREATE TABLE snap.${table} AS SELECT * FROM main.${table} WHERE consumer_id IN (SELECT id FROM snap.consumers)`,
        );
      db.exec(`CREATE TABLE snap.journal AS SELECT coalesce(max(seq), 0) AS head FROM main.events`);
    })();
  });
}

export interface RestoreOptions {
  /** Events of the plugin born since the copy go too, so that consumers which run again from older cursors can emit them again. */
  readonly forgetEvents?: boolean;
  /** Another copy, made since: those events go into it, and come back with it. null: they are gone. */
  readonly keptIn?: string | null;
}

/**
 * Puts back what `takeSnapshot` copied, in one transaction.
 * @throws Error when a file is missing or unusable; then nothing has changed.
 */
export function restoreSnapshot(
  db: SqliteDatabase,
  plugin: string,
  file: string,
  { forgetEvents = false, keptIn = null }: RestoreOptions = {},
): void {
  const restore = () => {
    const objects = db
      .prepare('SELECT type, name, sql FROM snap.objects ORDER BY rowid')
      .all() as StoredObject[];
    db.unsafeMode(true);
    try {
      applyWhole(db, () => {
        const prefixes = prefixesOf(readLedger(db));
        dropOwn(db, plugin, prefixes);
        const [tables, later] = [objects.filter(isTable), objects.filter((object) => !isTable(object))];
        for (const { sql } of tables) db.exec(sql);
        for (const table of ownTables(db, plugin, prefixes)) if (table.type !== 'virtual') fill(db, table);
        if (hasSequences(db)) {
          db.exec(
            'DELETE FROM main.sqlite_sequence WHERE name IN (SELECT name FROM snap.sequences); INSERT INTO main.sqlite_sequence SELECT name, seq FROM snap.sequences',
          );
        }
        for (const { sql } of later) db.exec(sql);
        db.prepare(`DELETE FROM main.${ledgerTable} WHERE owner = ?`).run(plugin);
        db.exec(`INSERT INTO main.${ledgerTable} SELECT * FROM snap.ledger`);
        restoreConsumers(db, plugin);
        bringBackEvents(db);
        if (forgetEvents) dropLaterEvents(db, plugin, keptIn !== null);
      });
    } finally {
      db.unsafeMode(false);
    }
  };
  withAttached(db, 'snap', file, () => {
    if (keptIn === null) restore();
    else withAttached(db, 'kept', keptIn, restore);
  });
}

export function removeSnapshot(file: string): void {
  for (const ending of ['', '-journal', '-wal', '-shm']) rmSync(`${file}${ending}`, { force: true });
}

/** Epochs only rise: what an older generation still has under way must not fit again. */
function restoreConsumers(db: SqliteDatabase, plugin: string): void {
  const own = `(SELECT id FROM main.consumers WHERE plugin = '${plugin}')`;
  for (const table of consumerTables) db.exec(`DELETE FROM main.${table} WHERE consumer_id IN ${own}`);
  db.exec(
    `DELETE FROM main.consumers WHERE plugin = '${plugin}' AND id NOT IN (SELECT id FROM snap.consumers);
     INSERT OR IGNORE INTO main.consumers SELECT * FROM snap.consumers;
     UPDATE main.consumers SET epoch = epoch + 1 WHERE plugin = '${plugin}'`,
  );
  for (const table of consumerTables)
    db.exec(
      `INSERT INTO main.${table} SELECT * FROM snap.${table} WHERE consumer_id IN (SELECT id FROM main.consumers)`,
    );
}

function dropLaterEvents(db: SqliteDatabase, plugin: string, keep: boolean): void {
  const later = `FROM main.events WHERE source = '${plugin}' AND seq > (SELECT head FROM snap.journal)`;
  if (keep) {
    // The journal's place says that it is a copy at all: a file that is not there is attached as an empty one.
    db.exec('SELECT head FROM kept.journal');
    db.exec(`CREATE TABLE kept.events AS SELECT * ${later}`);
  }
  db.exec(`DELETE ${later}`);
}

/** An event that was emitted again meanwhile becomes what it was, so that a handler which has passed its place hears of it once. */
function bringBackEvents(db: SqliteDatabase): void {
  const kept = db.prepare(`SELECT 1 FROM snap.sqlite_schema WHERE name = 'events'`).get();
  if (kept !== undefined) db.exec('INSERT OR REPLACE INTO main.events SELECT * FROM snap.events');
}

function fill(db: SqliteDatabase, table: OwnTable): void {
  const known = db.prepare('SELECT 1 FROM snap.sqlite_schema WHERE name = ?').get(`t ${table.name}`);
  if (known === undefined) return;
  const columns = table.columns.map(quoted).join(', ');
  const [into, from] = table.hiddenRowid
    ? [`rowid, ${columns}`, `${rowidColumn}, ${columns}`]
    : [columns, columns];
  // A shadow table begins with rows of its own.
  db.exec(`DELETE FROM main.${quoted(table.name)}`);
  db.exec(`INSERT INTO main.${quoted(table.name)} (${into}) SELECT ${from} FROM snap.${copyOf(table.name)}`);
}

function selected({ columns, hiddenRowid }: OwnTable): string {
  const list = columns.map(quoted).join(', ');
  return hiddenRowid ? `rowid AS ${rowidColumn}, ${list}` : list;
}

/** A space keeps them apart from the tables named above. */
const copyOf = (table: string) => quoted(`t ${table}`);
const isTable = ({ type }: StoredObject) => type === 'table';

/** In an order in which they can be created again; shadow tables come with their virtual one. */
function ownObjects(db: SqliteDatabase, plugin: string, prefixes: Prefixes): StoredObject[] {
  const rows = db
    .prepare(
      `SELECT s.type, s.name, s.sql FROM main.sqlite_schema s
       LEFT JOIN pragma_table_list l ON l.schema = 'main' AND l.name = s.name
       WHERE s.sql IS NOT NULL AND coalesce(l.type, '') <> 'shadow'
       ORDER BY CASE s.type WHEN 'table' THEN 0 WHEN 'index' THEN 1 WHEN 'view' THEN 2 ELSE 3 END, s.rowid`,
    )
    .all() as StoredObject[];
  return rows.filter(({ name }) => ownerOf(name, prefixes) === plugin);
}

function ownTables(db: SqliteDatabase, plugin: string, prefixes: Prefixes): OwnTable[] {
  const rows = db
    .prepare(
      `SELECT name, type, wr FROM pragma_table_list WHERE schema = 'main' AND type IN ('table', 'virtual', 'shadow')
       ORDER BY name`,
    )
    .all() as { name: string; type: OwnTable['type']; wr: number }[];
  return rows
    .filter(({ name }) => ownerOf(name, prefixes) === plugin)
    .map(({ name, type, wr }) => {
      const columns = db
        .prepare('SELECT name, type, pk FROM pragma_table_xinfo(?) WHERE hidden = 0 ORDER BY cid')
        .all(name) as { name: string; type: string; pk: number }[];
      const keys = columns.filter(({ pk }) => pk > 0);
      const shownRowid = keys.length === 1 && keys[0]?.type.toUpperCase() === 'INTEGER';
      const named = columns.some((column) => column.name.toLowerCase() === 'rowid');
      return {
        name,
        type,
        columns: columns.map((column) => column.name),
        hiddenRowid: wr === 0 && !shownRowid && !named,
      };
    });
}

function hasSequences(db: SqliteDatabase): boolean {
  return db.prepare(`SELECT 1 FROM main.sqlite_schema WHERE name = 'sqlite_sequence'`).get() !== undefined;
}

function withAttached(db: SqliteDatabase, schema: 'snap' | 'kept', file: string, run: () => void): void {
  db.prepare(`ATTACH ? AS ${schema}`).run(file);
  try {
    run();
  } finally {
    db.exec(`DETACH ${schema}`);
  }
}
