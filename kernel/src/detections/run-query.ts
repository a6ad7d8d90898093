/** How is a query of a plugin run: a drizzle select by itself, an `sql` template on the connection given. */
import type { Statement } from '@heldar/plugin-sdk';
import { sql } from 'drizzle-orm';
import type { ReadDb } from '../store/store.ts';

export function runQuery(db: ReadDb, query: Statement): unknown[] {
  if ('all' in query && typeof query.all === 'function') return (query.all as () => unknown[])();
  return db.all(sql`${query as never}`);
}
