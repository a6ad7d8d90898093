/** What a check-up asks of a database: is it whole, do its rows fit together, which files do they name? */
import type { SqliteDatabase } from './database.ts';
import { kernelTables } from './kernel-tables.ts';
import { schemaDrift } from './migrations/drift.ts';

export interface CursorBeyondEnd {
  readonly plugin: string;
  readonly name: string;
  readonly lane: number;
  readonly seq: number;
  /** Last sequence that was ever given. */
  readonly end: number;
}

export interface IndexedFile {
  readonly id: string;
  readonly root: string;
  /** Below its root. */
  readonly path: string;
  readonly sizeBytes: number;
  /** As evidence: 1, else 0. */
  readonly held: number;
}

export interface QuarantinedRow {
  readonly root: string;
  readonly path: string;
  readonly reason: string;
}

export interface DoctorQueries {
  /** Faults in the file itself; none when it is whole. */
  quickCheck(): string[];
  /** Rows whose parent is gone, by table. */
  orphans(): { table: string; parent: string; rows: number }[];
  /** Differences between the kernel's tables and its code. */
  drift(): string[];
  /** Cursors that stand behind the end of what they read. */
  cursorsBeyondEnd(): CursorBeyondEnd[];
  parked(): number;
  storeId(): string;
  /** Indexed recordings, by path, in pages. */
  segments(pageSize?: number): Generator<IndexedFile[]>;
  /** Which of these paths are indexed, in that root. */
  indexed(root: string, paths: readonly string[]): Set<string>;
  /** Roots that rows name, with their number of segments. */
  roots(): { root: string; segments: number }[];
  /** Files that wait to be deleted, of a root. */
  garbage(root: string): { path: string }[];
  quarantined(root: string): QuarantinedRow[];
}

export function createDoctorQueries(db: SqliteDatabase): DoctorQueries {
  const isIndexed = db.prepare('SELECT 1 FROM segments WHERE path = ? AND root = ?');
  return {
    quickCheck() {
      const rows = db.pragma('quick_check(20)') as { quick_check: string }[];
      return rows.map((row) => row.quick_check).filter((text) => text !== 'ok');
    },
    orphans() {
      const rows = db.pragma('foreign_key_check') as { table: string; parent: string }[];
      const counts = Map.groupBy(rows, ({ table, parent }) => `${table}\0${parent}`);
      return [...counts.values()].flatMap((same) => {
        const [first] = same;
        return first === undefined ? [] : [{ table: first.table, parent: first.parent, rows: same.length }];
      });
    },
    drift: () => schemaDrift(db, kernelTables),
    cursorsBeyondEnd: () =>
      db
        .prepare(
          `SELECT c.plugin, c.name, l.lane, l.seq, coalesce(s.seq, 0) AS "end"
           FROM lanes l JOIN consumers c ON c.id = l.consumer_id
           LEFT JOIN sqlite_sequence s ON s.name = CASE c.kind WHEN 'consumer' THEN 'log' ELSE 'events' END
           WHERE l.seq > coalesce(s.seq, 0) ORDER BY c.plugin, c.name, l.lane`,
        )
        .all() as CursorBeyondEnd[],
    parked: () => (db.prepare('SELECT count(*) AS n FROM parked').get() as { n: number }).n,
    storeId: () =>
      (db.prepare(`SELECT value FROM meta WHERE key = 'store_id'`).get() as { value: string }).value,
    *segments(pageSize = 2000) {
      const next = db.prepare(
        'SELECT id, root, path, size_bytes AS sizeBytes, evidence_locked AS held FROM segments WHERE path > ? ORDER BY path LIMIT ?',
      );
      for (let page = next.all('', pageSize) as IndexedFile[]; page.length > 0;) {
        yield page;
        page = next.all(page.at(-1)?.path ?? '', pageSize) as IndexedFile[];
      }
    },
    indexed: (root, paths) => new Set(paths.filter((path) => isIndexed.get(path, root) !== undefined)),
    roots: () =>
      db.prepare('SELECT root, count(*) AS segments FROM segments GROUP BY root').all() as {
        root: string;
        segments: number;
      }[],
    garbage: (root) =>
      db
        .prepare(`SELECT path FROM garbage WHERE kind IN ('segment', 'preview') AND root = ? ORDER BY path`)
        .all(root) as { path: string }[],
    quarantined: (root) =>
      db
        .prepare('SELECT root, path, reason FROM quarantined WHERE root = ? ORDER BY path')
        .all(root) as QuarantinedRow[],
  };
}
