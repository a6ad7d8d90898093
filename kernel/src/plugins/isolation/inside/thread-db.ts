/** How does a plugin on a thread of its own read? Drizzle over questions to the reader thread; the asking thread sleeps until its answer is there. */
import { BaseSQLiteDatabase, SQLiteSyncDialect } from 'drizzle-orm/sqlite-core';
import { BetterSQLiteSession } from 'drizzle-orm/better-sqlite3/session';
import { receiveMessageOnPort } from 'node:worker_threads';
import type { SqlValue } from '../../../store/units.ts';
import type { ReadDb } from '../../../store/store.ts';
import type { ReadAnswer, ReadPort, ReadRequest } from '../reads.ts';
import { unpackError } from '../wire-error.ts';

export function openReadPort({ port, signal }: ReadPort): ReadDb {
  const cell = new Int32Array(signal);
  const ask = (request: ReadRequest): readonly unknown[] => {
    const before = Atomics.load(cell, 0);
    port.postMessage(request);
    Atomics.wait(cell, 0, before);
    const answer = (receiveMessageOnPort(port) as { message: ReadAnswer }).message;
    if ('error' in answer) throw unpackError(answer.error);
    return answer.rows;
  };
  const prepare = (sql: string, raw = false): unknown => ({
    all: (...params: SqlValue[]) => ask({ sql, params, one: false, raw }),
    get: (...params: SqlValue[]) => ask({ sql, params, one: true, raw })[0],
    run: (...params: SqlValue[]) => ask({ sql, params, one: false, raw }),
    raw: () => prepare(sql, true),
  });
  const client = { prepare: (sql: string) => prepare(sql) };
  const dialect = new SQLiteSyncDialect();
  // The session's own driver is never loaded: what it needs of a client is `prepare`.
  const session = new BetterSQLiteSession(client as never, dialect, undefined);
  return new BaseSQLiteDatabase('sync', dialect, session as never, undefined) as unknown as ReadDb;
}
