/** How does a plugin get a process of its own? With a limit on its heap, a bare environment and one channel, which is all that it shares with the kernel. */
import { fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { bareEnvironment, conditionFlags } from './environment.ts';
import { entryFile, type Isolate, type IsolateSpec } from './isolate.ts';
import { readLines } from './lines.ts';
import type { Message } from './peer.ts';

const pageBytes = 4096;
/** MiB. What loading modules leaves behind is collected early: half the resident memory of a start, for no time. */
const youngMb = 4;

export function openChild(spec: IsolateSpec): Isolate {
  const { plugin, memoryMb } = spec;
  const child = fork(fileURLToPath(entryFile('child-main')), [plugin], {
    execArgv: [
      ...conditionFlags(process.execArgv),
      `--max-old-space-size=${memoryMb}`,
      `--max-semi-space-size=${youngMb}`,
    ],
    env: bareEnvironment(process.env),
    serialization: 'advanced',
    stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
  });
  const { pid } = child;
  let lastWords = '';
  let failure: string | null = null;
  let hasEnded = false;
  const gone = Promise.withResolvers<void>();
  const end = (reason: string) => {
    if (hasEnded) return;
    hasEnded = true;
    gone.resolve();
    spec.onEnd({ reason: failure ?? reason, lastWords });
  };
  readLines(child.stdout, (line) => spec.onLine('stdout', line));
  readLines(child.stderr, (line) => {
    lastWords = line;
    if (line.includes('JavaScript heap out of memory'))
      failure = `its process used all of its ${memoryMb} MiB`;
    spec.onLine('stderr', line);
  });
  child.on('message', (messages) => spec.onMessages(messages as readonly Message[]));
  child.on('error', (error) => end(`its process failed: ${error.message}`));
  child.on('exit', (code, signal) =>
    end(signal === null ? `its process ended with code ${code}` : `its process was ended by ${signal}`),
  );
  return {
    send(messages) {
      if (!hasEnded && child.connected) child.send([...messages], () => {});
    },
    readResident: () => (pid === undefined || hasEnded ? null : residentOf(pid)),
    async kill() {
      if (hasEnded) return;
      child.kill('SIGKILL');
      await gone.promise;
    },
  };
}

/** Bytes, from /proc; null where there is none. */
function residentOf(pid: number): number | null {
  try {
    const [, pages] = readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ');
    return Number(pages) * pageBytes;
  } catch {
    return null;
  }
}
