/** The thread that owns the one writing connection, so that a sync never stops the event loop. It is asked to end, never terminated. */
import { parentPort, workerData } from 'node:worker_threads';
import { keyringOf, type KeyringKeys } from '../secrets/keyring.ts';
import { openWriter } from './database.ts';
import { runExclusive, type ExclusiveRequest } from './exclusives.ts';
import { createGroupRunner } from './group.ts';
import { unpackGroup, type GroupMessage } from './wire.ts';

const port = parentPort;
if (port === null) throw new Error('the writer thread runs as a worker of the store');
const { file, keys } = workerData as { file: string; keys: KeyringKeys };
const db = openWriter(file);
const keyring = keyringOf(keys);
let runner = createGroupRunner(db, keyring);

port.on('message', (message: GroupMessage | ExclusiveRequest | 'close') => {
  if (message === 'close') {
    db.pragma('wal_checkpoint(TRUNCATE)');
    db.close();
    port.close();
    return;
  }
  if ('exclusive' in message) {
    port.postMessage(runExclusive(db, message));
    // Statements prepared and judged under the old schema go with it.
    runner = createGroupRunner(db, keyring);
    return;
  }
  port.postMessage(runner.run(unpackGroup(message)));
});
port.postMessage('ready');
