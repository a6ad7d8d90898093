/** How does a plugin in a process of its own read? On a connection of its own that can't write, opened with the first query. */
import { drizzle } from 'drizzle-orm/better-sqlite3';
import { openReader } from '../../../store/database.ts';
import type { ReadDb } from '../../../store/store.ts';

export function openOwnDb(file: string): ReadDb {
  return drizzle({ client: openReader(file) });
}
