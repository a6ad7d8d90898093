/** The first code of a thread that runs one plugin. */
import { parentPort, workerData } from 'node:worker_threads';
import type { Message } from '../peer.ts';
import type { ReadPort } from '../reads.ts';
import { heapAndBuffers } from './memory.ts';
import { serveKernel } from './serve.ts';
import { openReadPort } from './thread-db.ts';

const port = parentPort;
if (port === null) throw new Error('a plugin’s thread runs as a worker of the kernel');
const { reads } = workerData as { reads: ReadPort };

const receive = serveKernel({
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
  send: (messages) => port.postMessage(messages),
  openDb: () => openReadPort(reads),
  memoryBytes: heapAndBuffers,
});
port.on('message', (messages: readonly Message[]) => receive(messages));
