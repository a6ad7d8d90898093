/** Where a replay writes: a temporary database with the kernel's tables and those of one plugin, which nobody else sees. */
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Statement as Prepared } from 'better-sqlite3';
import Database from 'better-sqlite3';
import { drizzle } from 'drizzle-orm/better-sqlite3';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { keyringOf } from '../secrets/keyring.ts';
import { secretKeyBytes } from '../secrets/secret-key.ts';
import type { SqliteDatabase } from './database.ts';
import { kernelMigrations } from './kernel-migrations.ts';
import { applyLane } from './lanes.ts';
import { prefixesOf, readLedger } from './migrations/ledger.ts';
import { migrate } from './migrations/migrate.ts';
import { ownerOf, quoted, type MigrationOwner } from './migrations/owner.ts';
import { createResultsQueries, type Results, type TableRows } from './results-queries.ts';
import type { StoredRecord } from './recorded-queries.ts';
import { createStatementGuard } from './statement-guard.ts';
import type { ReadDb } from './store.ts';
import { recordAdder } from './stored-record.ts';
import type { LaneResult, LaneUnit } from './units.ts';
import type { WriteContext } from './write-context.ts';

/** A camera id in one of its lives. */
export interface CameraLife {
  readonly incarnation: number;
  readonly id: string;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly deletedAt: number | null;
}

export interface ShadowStore extends Disposable {
  /** For the plugin: reads only. `beforeRead` runs before each of its queries is prepared. */
  readerFor(beforeRead: () => void): ReadDb;
  /** Answers the id that the consumer has here. */
  registerConsumer(consumer: {
    plugin: string;
    name: string;
    ordering: 'camera' | 'all';
    startSeq: number;
  }): number;
  /** Names of the plugin's tables. */
  readonly tables: readonly string[];
  /** Tables that consumers made rows in here, or tried to. */
  readonly made: ReadonlySet<string>;
  /** Puts these rows in place of those of a table that consumers do not make rows in. Columns it does not have here are left out. */
  copyRows(table: string, rows: TableRows): void;
  /** Did the plugin read the detection log with SQL? */
  readonly readsLog: boolean;
  /** Puts a record into the log here, for plugins that read it. */
  addRecord(row: StoredRecord): void;
  /** Applies effects as production does; `now`: log time, ms. */
  applyLane(unit: LaneUnit, now: number): LaneResult;
  /** Makes what was applied so far one transaction. */
  commit(): void;
  /** Committed state of a lane. */
  state(consumerId: number, lane: number): Map<string, string>;
  readonly results: Results;
}

export function openShadowStore(options: {
  readonly storeId: string;
  readonly cameras: readonly CameraLife[];
  readonly plugin: string;
  /** Of the plugin, behind those it requires. */
  readonly migrations: readonly MigrationOwner[];
  readonly clock: Clock;
}): ShadowStore {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-replay-'));
  try {
    return shadowIn(folder, options);
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

function shadowIn(folder: string, options: Parameters<typeof openShadowStore>[0]): ShadowStore {
  const { storeId, plugin, migrations, clock } = options;
  const db = openTemporary(join(folder, 'shadow.db'));
  migrate(db, kernelMigrations(), { clock, allowDrafts: false });
  // A replay is the place to try drafts.
  for (const owner of migrations) migrate(db, owner, { clock, allowDrafts: true });
  // Only now: migrations are rehearsed on a copy, which reads this file.
  db.pragma('locking_mode = EXCLUSIVE');
  describeSite(db, options);
  // A file that is open lives on without its name: a replay that is interrupted leaves nothing behind.
  if (process.platform !== 'win32') rmSync(folder, { recursive: true, force: true });
  const made = new Set<string>();
  const { sql, ...base } = writeContextOf(db, storeId, made);
  const state = db.prepare('SELECT key, value FROM consumer_state WHERE consumer_id = ? AND lane = ?');
  const addRecord = recordAdder(db);
  let readsLog = false;
  const begin = () => {
    if (!db.inTransaction) sql('BEGIN').run();
  };
  return {
    readerFor: (beforeRead) =>
      drizzle({
        client: readOnly(db, plugin, (text) => {
          beforeRead();
          readsLog ||= /\b(?:detections|log|log_labels)\b/i.test(text);
        }),
      }),
    get readsLog() {
      return readsLog;
    },
    addRecord(row) {
      begin();
      addRecord(row);
    },
    registerConsumer({ name, ordering, startSeq }) {
      const { lastInsertRowid } = sql(
        `INSERT INTO consumers (kind, plugin, name, ordering, epoch, start_seq, created_at) VALUES ('consumer', ?, ?, ?, 1, ?, 0)`,
      ).run(plugin, name, ordering, startSeq);
      return Number(lastInsertRowid);
    },
    tables: tablesOf(db, plugin),
    made,
    copyRows: (table, rows) => copyRows(db, table, rows),
    applyLane(unit, now) {
      begin();
      return applyLane({ ...base, sql, now, appended: [] }, unit);
    },
    commit() {
      if (db.inTransaction) sql('COMMIT').run();
    },
    state: (consumerId, lane) =>
      new Map(
        (state.all(consumerId, lane) as { key: string; value: string }[]).map(({ key, value }) => [
          key,
          value,
        ]),
      ),
    results: createResultsQueries(db, plugin),
    [Symbol.dispose]() {
      db.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Nothing here outlives the process: no syncs, rollback in memory. */
function openTemporary(file: string): SqliteDatabase {
  const db = new Database(file);
  db.pragma('journal_mode = MEMORY');
  db.pragma('synchronous = OFF');
  db.pragma('foreign_keys = ON');
  db.pragma('cache_size = -65536');
  db.pragma('temp_store = MEMORY');
  return db;
}

/** Ids derive from the store's, so the shadow has the same; lanes are named by incarnations. */
function describeSite(db: SqliteDatabase, { storeId, cameras }: Parameters<typeof openShadowStore>[0]): void {
  db.prepare(`UPDATE meta SET value = ? WHERE key = 'store_id'`).run(storeId);
  const insert = db.prepare(
    'INSERT INTO camera_incarnations (incarnation, camera_id, created_at, deleted_at) VALUES (?, ?, ?, ?)',
  );
  for (const { incarnation, id, createdAt, deletedAt } of cameras)
    insert.run(incarnation, id, createdAt, deletedAt);
}

/** Prepared statements kept; plugins may render texts without end. */
const statementsKept = 1000;

/** `made`: takes the names of tables that statements make rows in. */
function writeContextOf(
  db: SqliteDatabase,
  storeId: string,
  made: Set<string>,
): Omit<WriteContext, 'now' | 'appended'> {
  const prepared = new Map<string, Prepared<unknown[], unknown>>();
  const guard = createStatementGuard(db);
  return {
    db,
    storeId,
    // Nothing that is sealed here is ever read again.
    keyring: keyringOf({ secret: randomBytes(secretKeyBytes), chain: randomBytes(secretKeyBytes) }),
    guard: {
      ...guard,
      checkWrite(plugin, sql, params) {
        const written = guard.checkWrite(plugin, sql, params);
        if (written.inserts) for (const name of written.names) made.add(name);
        return written;
      },
    },
    noted: new Set(),
    sql(text) {
      let statement = prepared.get(text);
      if (statement === undefined) {
        if (prepared.size >= statementsKept) prepared.clear();
        prepared.set(text, (statement = db.prepare(text)));
      }
      return statement;
    },
  };
}

/** The same connection, so that what is not committed yet can be read; a statement that would write is refused. */
function readOnly(db: SqliteDatabase, plugin: string, beforeRead: (text: string) => void): SqliteDatabase {
  const prepare = (text: string) => {
    beforeRead(text);
    const statement = db.prepare(text);
    if (!statement.readonly)
      throw new HeldarError(
        'effect_refused',
        `${plugin}: ctx.db can't write; use fx.write: ${text.slice(0, 160)}`,
        { details: { plugin } },
      );
    return statement;
  };
  return new Proxy(db, {
    get: (target, member) =>
      member === 'prepare' ? prepare : (Reflect.get(target, member, target) as unknown),
  });
}

function copyRows(db: SqliteDatabase, table: string, { columns, rows }: TableRows): void {
  const here = new Set(
    (db.prepare('SELECT name FROM pragma_table_info(?)').all(table) as { name: string }[]).map(
      ({ name }) => name,
    ),
  );
  const common = columns.flatMap((name, index) => (here.has(name) ? [{ name, index }] : []));
  if (common.length === 0) return;
  const insert = db.prepare(
    `INSERT INTO ${quoted(table)} (${common.map(({ name }) => quoted(name)).join(', ')})
     VALUES (${common.map(() => '?').join(', ')})`,
  );
  // Rows come table by table: what they refer to may come later.
  db.pragma('foreign_keys = OFF');
  try {
    db.transaction(() => {
      // What a migration put there is among the rows that are copied.
      db.prepare(`DELETE FROM ${quoted(table)}`).run();
      for (const row of rows) insert.run(...common.map(({ index }) => row[index]));
    })();
  } finally {
    db.pragma('foreign_keys = ON');
  }
}

function tablesOf(db: SqliteDatabase, plugin: string): string[] {
  const rows = db
    .prepare(`SELECT name FROM pragma_table_list WHERE schema = 'main' AND type = 'table' ORDER BY name`)
    .all() as { name: string }[];
  const prefixes = prefixesOf(readLedger(db));
  return rows.map(({ name }) => name).filter((name) => ownerOf(name, prefixes) === plugin);
}
