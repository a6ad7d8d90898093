/** The real command in processes of its own: run to its end, or as a kernel that serves. */
import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { siteVariables } from './site-rig.ts';
import { until } from './until.ts';

const bin = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));
const nodeArguments = ['--conditions=heldar-source', bin];

/** Nothing of the machine's environment but the PATH. */
function environment(env: Readonly<Record<string, string>>): Record<string, string | undefined> {
  return { PATH: process.env['PATH'], ...siteVariables, ...env };
}

export interface Outcome {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs `heldar …` in a folder to its end. */
export function runHeldar(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Outcome> {
  return new Promise((settle) => {
    execFile(
      process.execPath,
      [...nodeArguments, ...args],
      { cwd, env: environment(env) },
      (error, out, err) => settle({ code: error === null ? 0 : Number(error.code), out, err }),
    );
  });
}

export interface RunningHeldar extends AsyncDisposable {
  /** Lines of standard error: JSON of the log, and text. */
  readonly lines: readonly string[];
  /** Lines of standard output. */
  readonly out: readonly string[];
  /** Where the kernel listens that started last. */
  readonly origin: string;
  /** Of the process: of the kernel itself when it runs with `--no-supervise`. */
  readonly pid: number;
  /** How often a kernel has started. */
  readonly starts: number;
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  /** Asks it to stop; answers its exit code. */
  stop(): Promise<number | null>;
  /** SIGKILL, to the kernel itself when it runs with `--no-supervise`. */
  kill(): Promise<void>;
}

/** Starts `heldar start` in a folder; resolves when it serves. */
export function startHeldar(
  cwd: string,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Promise<RunningHeldar> {
  return launch(cwd, ['start', '--env', 'test', ...args], env);
}

/** Starts `heldar dev` in a folder; resolves when it serves and watches. `command`: arguments of Node, another build's file. */
export async function startDev(
  cwd: string,
  args: readonly string[] = [],
  command: readonly string[] = nodeArguments,
): Promise<RunningHeldar> {
  const heldar = await launch(cwd, ['dev', ...args], {}, command);
  await until('it watches', () => heldar.out.some((line) => line.includes('waiting for saves')));
  return heldar;
}

async function launch(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  command: readonly string[] = nodeArguments,
): Promise<RunningHeldar> {
  const child = spawn(process.execPath, [...command, ...args], {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const out: string[] = [];
  createInterface({ input: child.stdout }).on('line', (line) => out.push(line));
  const exited = once(child, 'exit') as Promise<[number | null]>;
  const lines: string[] = [];
  const origins: string[] = [];
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    const [, origin] = /"address":"([^"]+)".*"msg":"heldar is running"/.exec(line) ?? [];
    if (origin !== undefined) origins.push(origin);
  });
  await until(`heldar serves (it said: ${lines.join('\n')})`, () => {
    if (child.exitCode !== null) throw new Error(`heldar ended with ${child.exitCode}:\n${lines.join('\n')}`);
    return origins.length > 0;
  });
  const stop = async () => {
    if (child.exitCode === null && child.signalCode === null) child.kill('SIGTERM');
    const [code] = await exited;
    return code;
  };
  return {
    lines,
    out,
    get origin() {
      return origins.at(-1) ?? '';
    },
    pid: child.pid ?? 0,
    get starts() {
      return origins.length;
    },
    async call(method, path, body) {
      const response = await fetch((origins.at(-1) ?? '') + path, {
        method,
        headers: {
          connection: 'close',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      });
      const text = await response.text();
      return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
    },
    stop,
    async kill() {
      child.kill('SIGKILL');
      await exited;
    },
    async [Symbol.asyncDispose]() {
      await stop();
    },
  };
}
