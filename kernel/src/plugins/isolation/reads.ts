/** How does a plugin on a thread of its own read the database, synchronously, without a connection in that thread? */
import { MessageChannel, Worker, type MessagePort } from 'node:worker_threads';
import { withDeadline } from '../../runtime/deadline.ts';
import type { SqlValue } from '../../store/units.ts';
import type { WireError } from './wire-error.ts';

export interface ReadRequest {
  readonly sql: string;
  readonly params: readonly SqlValue[];
  /** The first row only. */
  readonly one: boolean;
  /** Rows as lists. */
  readonly raw: boolean;
}

export type ReadAnswer = { readonly rows: readonly unknown[] } | { readonly error: WireError };

/** What an asking thread is given. */
export interface ReadPort {
  readonly port: MessagePort;
  /** One cell that changes with every answer. */
  readonly signal: SharedArrayBuffer;
}

export interface ReaderThread {
  /** For one isolate. */
  connect(): ReadPort;
  stop(): Promise<void>;
}

const stopMs = 5_000;

/** One for each plugin: a slow query of one does not keep the others waiting. Starts with the first `connect`. */
export function createReaderThread(file: string): ReaderThread {
  let worker: Worker | null = null;
  const start = () => {
    const name = `./reader-thread.${import.meta.url.endsWith('.ts') ? 'ts' : 'js'}`;
    const started = new Worker(new URL(name, import.meta.url), {
      workerData: { file },
      name: 'heldar-reader',
    });
    started.unref();
    return started;
  };
  return {
    connect() {
      const { port1, port2 } = new MessageChannel();
      const signal = new SharedArrayBuffer(4);
      worker ??= start();
      worker.postMessage({ port: port2, signal }, [port2]);
      return { port: port1, signal };
    },
    async stop() {
      if (worker === null) return;
      const ending = worker;
      worker = null;
      const ended = new Promise<void>((resolve) => ending.once('exit', () => resolve()));
      ending.postMessage('close');
      // A query that goes on for longer ends with the process.
      await withDeadline(ended, stopMs, 'late').catch(() => undefined);
    },
  };
}
