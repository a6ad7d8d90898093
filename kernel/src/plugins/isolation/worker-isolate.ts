/** How does a plugin get a thread of its own? With limits on its heap, and without the kernel's variables. */
import { Worker } from 'node:worker_threads';
import { withoutOwnVariables } from './environment.ts';
import { entryFile, type Isolate, type IsolateSpec } from './isolate.ts';
import { readLines } from './lines.ts';
import type { Message } from './peer.ts';

export function openWorker(spec: IsolateSpec): Isolate {
  const { plugin, memoryMb, reads } = spec;
  const worker = new Worker(entryFile('worker-main'), {
    name: `heldar-${plugin}`,
    workerData: { reads },
    transferList: reads === null ? [] : [reads.port],
    env: withoutOwnVariables(process.env),
    resourceLimits: { maxOldGenerationSizeMb: memoryMb, maxYoungGenerationSizeMb: 16 },
    stdin: false,
    stdout: true,
    stderr: true,
  });
  let failure: string | null = null;
  let lastWords = '';
  readLines(worker.stdout, (line) => spec.onLine('stdout', line));
  readLines(worker.stderr, (line) => {
    lastWords = line;
    spec.onLine('stderr', line);
  });
  worker.on('message', (messages: readonly Message[]) => spec.onMessages(messages));
  worker.on('error', (error: NodeJS.ErrnoException) => {
    failure =
      error.code === 'ERR_WORKER_OUT_OF_MEMORY'
        ? `its thread used all of its ${memoryMb} MiB`
        : `its thread failed: ${error.message}`;
  });
  worker.on('exit', (code) =>
    spec.onEnd({ reason: failure ?? `its thread ended with code ${code}`, lastWords }),
  );
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a worker thread, not a window
    send: (messages) => worker.postMessage(messages),
    readResident: () => null,
    async kill() {
      await worker.terminate();
    },
  };
}
