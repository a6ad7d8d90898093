/** How a connection to the store is opened: one writer, many readers, one file, WAL. */
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import Database from 'better-sqlite3';
import { HeldarError, messageOf } from '../errors.ts';

export type SqliteDatabase = Database.Database;

/**
 * The one connection that writes. `synchronous=FULL`: the write-ahead log is synced before a commit returns.
 * The checkpoint threshold is 64 MiB (16384 pages of 4 KiB): a checkpoint's own syncs are rare, and pages that change again are written once.
 */
export function openWriter(file: string): SqliteDatabase {
  mkdirSync(dirname(file), { recursive: true });
  const db = open(file, {});
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.pragma('foreign_keys = ON');
  db.pragma('wal_autocheckpoint = 16384');
  db.pragma('cache_size = -65536');
  db.pragma('temp_store = MEMORY');
  db.pragma('busy_timeout = 15000');
  return db;
}

/** A connection that can't write: a forgotten `fx.write` fails loudly on it. */
export function openReader(file: string): SqliteDatabase {
  const db = open(file, { readonly: true, fileMustExist: true });
  db.pragma('query_only = ON');
  db.pragma('cache_size = -32768');
  db.pragma('busy_timeout = 15000');
  return db;
}

function open(file: string, options: Database.Options): SqliteDatabase {
  try {
    return new Database(file, options);
  } catch (error) {
    throw new HeldarError('store_unusable', `cannot open the database ${file}: ${messageOf(error)}`, {
      cause: error,
    });
  }
}
