/** A kernel as a user runs it, built, in a process of its own, on an empty data folder. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { kernelFlags } from '../../kernel/src/cli/supervise.ts';

const command = fileURLToPath(new URL('../../kernel/bin/heldar.mjs', import.meta.url));
const composition = fileURLToPath(new URL('./composition.ts', import.meta.url));

export interface KernelProcess {
  readonly url: string;
  readonly folder: string;
  readonly databaseFile: string;
  readonly pid: number;
  /** Resident memory, bytes. */
  residentBytes(): number;
  /** Processor time it has used in all its threads, seconds, in steps of 10 ms. */
  cpuSeconds(): number;
  post(path: string, body: unknown): Promise<unknown>;
  get(path: string): Promise<unknown>;
  text(path: string): Promise<string>;
  /** Resolves when no consumer has anything left to do; rejects after `withinMs`. */
  drained(withinMs: number): Promise<void>;
  stop(): Promise<void>;
}

export async function startKernel(options: {
  port: number;
  folder?: string;
  nodeArguments?: readonly string[];
  /** Default: the one of the benchmarks. */
  compositionFile?: string;
  /** Beside what every benchmark sets. */
  env?: Readonly<Record<string, string>>;
}): Promise<KernelProcess> {
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'heldar-bench-'));
  const child = spawn(
    process.execPath,
    [
      ...kernelFlags,
      ...(options.nodeArguments ?? []),
      command,
      'start',
      '--no-supervise',
      '--config',
      options.compositionFile ?? composition,
    ],
    {
      cwd: folder,
      env: {
        ...process.env,
        NODE_ENV: 'production',
        HELDAR_DATA_DIR: folder,
        HELDAR_API_PORT: String(options.port),
        HELDAR_LOG: 'warn',
        ...options.env,
      },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    },
  );
  await Promise.race([once(child, 'message'), failed(child)]);
  const url = `http://127.0.0.1:${options.port}`;
  const ask = async (path: string, init?: RequestInit) => {
    const response = await fetch(url + path, init);
    if (!response.ok) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return response;
  };
  return {
    url,
    folder,
    databaseFile: join(folder, 'heldar.db'),
    pid: child.pid ?? 0,
    residentBytes: () =>
      Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${child.pid}/status`, 'utf8'))?.[1] ?? 0) * 1024,
    cpuSeconds() {
      // Behind the name, which may hold blanks, in ticks of 10 ms: user and system time are the 14th and 15th field.
      const fields = readFileSync(`/proc/${child.pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? [];
      return (Number(fields[11]) + Number(fields[12])) / 100;
    },
    post: async (path, body) =>
      (
        await ask(path, {
          method: 'POST',
          ...(body === undefined
            ? {}
            : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
        })
      ).json(),
    get: async (path) => (await ask(path)).json(),
    text: async (path) => (await ask(path)).text(),
    async drained(withinMs) {
      const deadline = performance.now() + withinMs;
      for (;;) {
        const plugins = (await (await ask('/api/v1/plugins')).json()) as {
          consumers: { lag_records: number }[];
        }[];
        if (plugins.every(({ consumers }) => consumers.every(({ lag_records: lag }) => lag === 0))) return;
        if (performance.now() > deadline) throw new Error(`consumers did not catch up within ${withinMs} ms`);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    },
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const exited = once(child, 'exit');
      child.kill('SIGTERM');
      await exited;
    },
  };
}

async function failed(child: ChildProcess): Promise<never> {
  const [code] = (await once(child, 'exit')) as [number | null];
  throw new Error(`the kernel ended with ${code} before it served`);
}
