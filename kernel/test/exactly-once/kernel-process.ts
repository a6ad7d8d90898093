/** How is a kernel of the proof run? As the `heldar` command, in a process of its own that can be killed at any moment. */
import { spawn } from 'node:child_process';
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

export interface KernelOptions {
  /** The folder with `bin/` and `src/` of the kernel to run: this one, or a mutant. */
  readonly kernelFolder: string;
  readonly dataFolder: string;
  /** PROOF_CLOCK. */
  readonly clock: string;
  /** HELDAR_FAILPOINT. */
  readonly failpoint?: string | undefined;
  /** A command that runs the kernel's command: `strace …`. */
  readonly under?: readonly string[] | undefined;
}

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface KernelProcess {
  /** Where it serves, once everything runs; null when the process ended before. */
  readonly ready: Promise<string | null>;
  readonly exited: Promise<Exit>;
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** The end of what it printed. */
  output(): string;
}

export const kernelFolder = fileURLToPath(new URL('../..', import.meta.url));
export const migrationsOf = (dataFolder: string): string => join(dataFolder, 'growth');

const local = (path: string) => fileURLToPath(new URL(path, import.meta.url));

export function startKernel(options: KernelOptions): KernelProcess {
  const { dataFolder } = options;
  const command = [
    ...(options.under ?? []),
    process.execPath,
    '--conditions=heldar-source',
    `--import=${local('fixture/fast-clock.ts')}`,
    join(options.kernelFolder, 'bin/heldar.mjs'),
    'start',
    '--no-supervise',
    `--config=${local('fixture/heldar.config.ts')}`,
  ];
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    cwd: dataFolder,
    env: {
      PATH: process.env['PATH'],
      NODE_ENV: 'production',
      HELDAR_LOG: 'info',
      HELDAR_DATA_DIR: dataFolder,
      PROOF_CLOCK: options.clock,
      PROOF_MIGRATIONS: migrationsOf(dataFolder),
      ...(options.failpoint === undefined ? {} : { HELDAR_FAILPOINT: options.failpoint }),
    },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const exited = new Promise<Exit>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal }));
  });
  const lines: string[] = [];
  const ready = new Promise<string | null>((resolve) => {
    createInterface({ input: child.stderr }).on('line', (line) => {
      appendFileSync(join(dataFolder, 'kernel.log'), `${line}\n`);
      if (lines.push(line) > 40) lines.shift();
      const address = /"address":"(http:[^"]+)".*"heldar is running"/.exec(line)?.[1];
      if (address !== undefined) resolve(address);
    });
    const ended = () => resolve(null);
    exited.then(ended, ended);
  });
  return {
    ready,
    exited,
    pid: child.pid ?? 0,
    kill: (signal) => void child.kill(signal),
    output: () => lines.join('\n'),
  };
}
