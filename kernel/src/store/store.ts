/** The store as the kernel sees it: one queue of writes to the writer thread, and a connection for reading. */
import { drizzle, type BetterSQLite3Database } from 'drizzle-orm/better-sqlite3';
import type { Clock } from '../clock.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { startCommitter, type CommitListeners, type Committer } from './committer.ts';
import { openReader, type SqliteDatabase } from './database.ts';
import type { NewAudit, ResultOf, Unit } from './units.ts';
import type { WriterArgs, WriterName, WriterResult } from './writers.ts';

export type ReadDb = BetterSQLite3Database;

export interface Store {
  /** Drizzle over a connection that can't write. */
  readonly read: ReadDb;
  /** The same connection, for statements prepared once on hot paths; only `store/` may use it. */
  readonly reader: SqliteDatabase;
  /** 12 hex digits, the same for the life of the store. */
  readonly storeId: string;
  readonly file: string;
  readonly keyring: Keyring;
  /** A named write of the kernel's tables; resolves after its commit. `audit` is written with it, unless it answers false or null. */
  write<Name extends WriterName>(
    name: Name,
    args: WriterArgs<Name>,
    audit?: NewAudit,
  ): Promise<WriterResult<Name>>;
  commit<U extends Unit>(unit: U, attachment?: unknown): Promise<ResultOf<U>>;
  readonly committer: Committer;
  close(): Promise<void>;
}

/** Opens a migrated database. Listeners hear of everything that becomes durable, in order. */
export async function openStore(options: {
  file: string;
  clock: Clock;
  keyring: Keyring;
  listeners: CommitListeners;
}): Promise<Store> {
  const { file, clock, keyring, listeners } = options;
  const reader = openReader(file);
  const { storeId, after } = reader
    .prepare(
      `SELECT (SELECT value FROM meta WHERE key = 'store_id') AS storeId,
              max(coalesce((SELECT received FROM log ORDER BY seq DESC LIMIT 1), 0),
                  coalesce((SELECT max(tick) FROM lanes) + 1, 0)) AS after`,
    )
    .get() as { storeId: string; after: number };
  const committer = await startCommitter({ file, clock, keyring, after, listeners });
  const write = <Name extends WriterName>(
    name: Name,
    args: WriterArgs<Name>,
    audit?: NewAudit,
  ): Promise<WriterResult<Name>> =>
    committer.commit({ kind: 'call', name, args, ...(audit === undefined ? {} : { audit }) }) as Promise<
      WriterResult<Name>
    >;
  return {
    read: drizzle({ client: reader }),
    reader,
    storeId,
    keyring,
    file,
    write,
    commit: committer.commit,
    committer,
    async close() {
      await committer.close();
      reader.close();
    },
  };
}
