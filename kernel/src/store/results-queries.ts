/** What came of a plugin's consumers: their events, and the rows of the tables they write. Of production and of a replay alike. */
import type { SqliteDatabase } from './database.ts';
import { quoted } from './migrations/owner.ts';

/** An event that a consumer emitted. */
export interface ConsumerEvent {
  readonly id: string;
  readonly consumer: string;
  readonly lane: number;
  readonly cause: 'record' | 'tick';
  /** Sequence of the record, or T. */
  readonly causeAt: number;
  readonly type: string;
  readonly cameraId: string | null;
  readonly siteId: string | null;
  readonly severity: string;
  /** ms since the epoch. */
  readonly atMs: number;
  /** JSON text. */
  readonly payload: string;
}

export type Value = string | number | bigint | Uint8Array | null;

export interface TableRows {
  readonly columns: readonly string[];
  /** Values in the order of the columns. */
  readonly rows: Iterable<readonly Value[]>;
}

export interface TableShape {
  readonly columns: readonly string[];
  /** Of the primary key; empty when SQLite numbers the rows: their numbers depend on the order of lanes. */
  readonly key: readonly string[];
  /** The column SQLite numbers; it is not compared. */
  readonly numbered: string | null;
}

export interface WrittenTable {
  readonly name: string;
  /** Consumers make rows there; otherwise they only change or delete rows that others made. */
  readonly inserts: boolean;
}

export interface ParkedWork {
  readonly consumer: string;
  readonly lane: number;
  readonly kind: 'record' | 'tick';
  /** Sequence of the record, or T. */
  readonly at: number;
  readonly error: string;
}

export interface Results {
  /** By id, ascending. */
  events(): IterableIterator<ConsumerEvent>;
  event(id: string): ConsumerEvent | undefined;
  /** Tables the plugin's consumers have ever written, by name. */
  writtenTables(): WrittenTable[];
  /** null: there is no such table. */
  shapeOf(table: string): TableShape | null;
  /** Ordered by the columns, from the first on. */
  rows(table: string): TableRows;
  parked(): ParkedWork[];
}

const columns = `e.id, c.name AS consumer, e.lane, e.cause, e.cause_at AS causeAt, e.event_type AS type, e.camera_id AS cameraId,
  e.site_id AS siteId, e.severity, e.at_ms AS atMs, e.payload`;
const from = `FROM events e JOIN consumers c ON c.id = e.consumer_id WHERE c.kind = 'consumer' AND c.plugin = ?`;

export function createResultsQueries(db: SqliteDatabase, plugin: string): Results {
  const events = db.prepare(`SELECT ${columns} ${from} AND e.cause IS NOT NULL ORDER BY e.id`);
  const event = db.prepare(`SELECT ${columns} ${from} AND e.id = ?`);
  const written = db.prepare(
    `SELECT t.name, max(t.inserts) AS inserts FROM consumer_tables t JOIN consumers c ON c.id = t.consumer_id
     WHERE c.kind = 'consumer' AND c.plugin = ? GROUP BY t.name ORDER BY t.name`,
  );
  const parked = db.prepare(
    `SELECT c.name AS consumer, p.lane, p.kind, p.seq AS at, p.error FROM parked p JOIN consumers c ON c.id = p.consumer_id
     WHERE c.kind = 'consumer' AND c.plugin = ? ORDER BY c.name, p.lane, p.seq`,
  );
  return {
    events: () => events.iterate(plugin) as IterableIterator<ConsumerEvent>,
    event: (id) => event.get(plugin, id) as ConsumerEvent | undefined,
    writtenTables: () =>
      (written.all(plugin) as { name: string; inserts: number }[]).map(({ name, inserts }) => ({
        name,
        inserts: inserts === 1,
      })),
    shapeOf: (table) => shapeOf(db, table),
    rows(table) {
      const names = shapeOf(db, table)?.columns ?? [];
      if (names.length === 0) return { columns: [], rows: [] };
      const list = names.map(quoted).join(', ');
      const statement = db.prepare(`SELECT ${list} FROM ${quoted(table)} ORDER BY ${list}`).raw();
      return { columns: names, rows: statement.iterate() as IterableIterator<readonly Value[]> };
    },
    parked: () => parked.all(plugin) as ParkedWork[],
  };
}

function shapeOf(db: SqliteDatabase, table: string): TableShape | null {
  const info = db.prepare('SELECT name, type, pk FROM pragma_table_info(?) ORDER BY cid').all(table) as {
    name: string;
    type: string;
    pk: number;
  }[];
  if (info.length === 0) return null;
  const key = info.filter(({ pk }) => pk > 0).toSorted((a, b) => a.pk - b.pk);
  const [only] = key;
  const numbered = key.length === 1 && only?.type.toUpperCase() === 'INTEGER' ? only.name : null;
  return {
    columns: info.map(({ name }) => name),
    key: numbered === null ? key.map(({ name }) => name) : [],
    numbered,
  };
}
