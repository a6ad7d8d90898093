/** The thread that reads the database for plugins on threads of their own: they may be ended at any instant, a connection to SQLite may not. It is asked to end, never terminated. */
import { parentPort, workerData, type MessagePort } from 'node:worker_threads';
import { openReader, type SqliteDatabase } from '../../store/database.ts';
import { packError } from './wire-error.ts';
import type { ReadAnswer, ReadRequest } from './reads.ts';

const port = parentPort;
if (port === null) throw new Error('the reader thread runs as a worker of the kernel');
const { file } = workerData as { file: string };
/** Opened with the first question: the plugin may be loaded before there is a database. */
let db: SqliteDatabase | null = null;

port.on('message', (message: 'close' | { port: MessagePort; signal: SharedArrayBuffer }) => {
  if (message === 'close') {
    db?.close();
    port.close();
    return;
  }
  serve(message.port, new Int32Array(message.signal));
});

/** The asker sleeps until the cell changes; the answer lies in its port before that. */
function serve(asker: MessagePort, cell: Int32Array<SharedArrayBuffer>): void {
  asker.on('message', (request: ReadRequest) => {
    asker.postMessage(read(request));
    Atomics.add(cell, 0, 1);
    Atomics.notify(cell, 0);
  });
  asker.unref();
}

function read({ sql, params, one, raw }: ReadRequest): ReadAnswer {
  try {
    db ??= openReader(file);
    const statement = db.prepare(sql);
    if (!statement.reader) return { error: packError(new Error('attempt to write a readonly database')) };
    const asked = raw ? statement.raw() : statement;
    return { rows: one ? [asked.get(...params)] : asked.all(...params) };
  } catch (error) {
    return { error: packError(error) };
  }
}
