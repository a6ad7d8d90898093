/** What consumers and handlers could not process and wait for a person to decide. */
import type { SqliteDatabase } from './database.ts';

export interface ParkedRow {
  readonly id: string;
  readonly consumer_id: number;
  /** 'consumer' or 'handler'. */
  readonly consumer_kind: 'consumer' | 'handler';
  readonly plugin: string;
  readonly consumer: string;
  readonly lane: number;
  readonly kind: 'record' | 'tick' | 'event';
  readonly seq: number;
  readonly body: string;
  readonly error: string;
  readonly attempts: number;
  readonly parked_at: number;
}

export interface ParkedQueries {
  /** Oldest first. */
  list(limit: number): ParkedRow[];
  get(id: string): ParkedRow | undefined;
  countOf(plugin: string, consumer: string): number;
}

export function createParkedQueries(db: SqliteDatabase): ParkedQueries {
  const from = `SELECT p.*, c.kind AS consumer_kind, c.plugin, c.name AS consumer FROM parked p JOIN consumers c ON c.id = p.consumer_id`;
  const list = db.prepare(`${from} ORDER BY p.parked_at, p.id LIMIT ?`);
  const get = db.prepare(`${from} WHERE p.id = ?`);
  const count = db.prepare(
    'SELECT count(*) AS n FROM parked p JOIN consumers c ON c.id = p.consumer_id WHERE c.plugin = ? AND c.name = ?',
  );
  return {
    list: (limit) => list.all(limit) as ParkedRow[],
    get: (id) => get.get(id) as ParkedRow | undefined,
    countOf: (plugin, consumer) => (count.get(plugin, consumer) as { n: number }).n,
  };
}
