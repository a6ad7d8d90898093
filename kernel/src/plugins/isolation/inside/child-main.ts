/** The first code of a process that runs one plugin. */
import type { Message } from '../peer.ts';
import { HeldarError } from '../../../errors.ts';
import { openOwnDb } from './process-db.ts';
import { endWithKernel } from './parent-watch.ts';
import { heapAndBuffers } from './memory.ts';
import { serveKernel } from './serve.ts';

const send = process.send?.bind(process);
if (send === undefined) throw new Error('a plugin’s process is started by the kernel');
process.title = `heldar plugin ${process.argv[2] ?? ''}`;
endWithKernel();

const receive = serveKernel({
  send: (messages) => void send(messages),
  openDb(file) {
    if (file === null) throw new HeldarError('internal', 'a plugin’s process was given no database');
    return openOwnDb(file);
  },
  memoryBytes: heapAndBuffers,
});
process.on('message', (messages) => receive(messages as readonly Message[]));
