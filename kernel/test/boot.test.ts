/** Does a kernel start, stop and fail to start as an operator expects: with a reason, and leaving nothing behind? */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { definePlugin, every, use, type HeldarConfig } from '@heldar/plugin-sdk';
import { beforeEach, describe, expect, onTestFinished, test } from 'vitest';
import { createKernel, type Kernel } from '../src/kernel.ts';
import { readEvents } from './event-reader.ts';
import { until } from './until.ts';

const bin = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'heldar-boot-'));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
});

type Env = Readonly<Record<string, string>>;

const environment = (env: Env) => ({
  PATH: process.env['PATH'],
  HELDAR_DATA_DIR: folder,
  HELDAR_API_PORT: '0',
  HELDAR_LOG: 'info',
  ...env,
});

/** A kernel in this process; stopped when the test ends. */
function kernelWith(config: HeldarConfig = {}, env: Env = {}): Kernel {
  const kernel = createKernel({
    config,
    env: environment({ HELDAR_LOG: 'off', ...env }),
    environment: 'test',
    blockLimitMs: null,
  });
  onTestFinished(() => kernel.stop());
  return kernel;
}

const site = async (kernel: Kernel) => (await kernel.inject('/api/v1/site')).status;

describe('in this process', () => {
  test('a folder serves one kernel: a second is told which folder and what to do, and the first goes on', async () => {
    const first = kernelWith();
    await first.start();
    await expect(kernelWith().start()).rejects.toMatchObject({
      code: 'data_locked',
      message: `the data folder ${folder} is in use by another kernel; stop it, or start this one with another HELDAR_DATA_DIR`,
    });
    expect(await site(first)).toBe(200);
    await first.stop();
    const next = kernelWith();
    await next.start();
    expect(await site(next)).toBe(200);
  });

  test('without a word about it, only this machine is let in', async () => {
    const kernel = kernelWith();
    await kernel.start();
    expect(kernel.address.address).toBe('127.0.0.1');
  });

  test('a port that is taken is named with the next step, and the folder is free again', async () => {
    const { port, close } = await takePort();
    const refused = kernelWith({}, { HELDAR_API_PORT: String(port) });
    await expect(refused.start()).rejects.toMatchObject({
      code: 'config_invalid',
      message: `port ${port} on 127.0.0.1 is taken; stop the program that uses it, or set HELDAR_API_PORT to a free port`,
    });
    await close();
    const next = kernelWith({}, { HELDAR_API_PORT: String(port) });
    await next.start();
    expect(next.address.port).toBe(port);
  });

  test('when a required plugin fails last, all that had started is stopped: plugins, socket, store and lock', async () => {
    const events: string[] = [];
    const first = definePlugin({
      name: 'first',
      setup: ({ signal }) => {
        signal.addEventListener('abort', () => events.push('aborted'));
        return { jobs: [every('1h', 'idle', () => {})], dispose: () => void events.push('disposed') };
      },
    });
    const last = definePlugin({ name: 'last', setup: () => Promise.reject(new Error('no licence')) });
    const { port, close } = await takePort();
    await close();
    const env = { HELDAR_API_PORT: String(port) };
    const required = use(() => Promise.resolve({ default: last }), {}, { required: true });
    await expect(kernelWith({ plugins: [first, required] }, env).start()).rejects.toMatchObject({
      code: 'plugin_failed',
      message: expect.stringContaining('the plugin last is required and does not run: no licence') as string,
    });
    expect(events).toEqual(['aborted', 'disposed']);
    const next = kernelWith({}, env);
    await next.start();
    expect(await site(next)).toBe(200);
  });

  test('a missing, a broken and an outdated ffmpeg are told apart', async () => {
    const old = join(folder, 'old-ffmpeg');
    writeFileSync(old, '#!/bin/sh\necho "ffmpeg version 4.4.2 Copyright"\n');
    chmodSync(old, 0o755);
    const reasons: Record<string, string> = {
      '/nowhere/ffmpeg': '/nowhere/ffmpeg was not found; install FFmpeg, or set HELDAR_FFMPEG_BIN',
      '/bin/false': '/bin/false does not run',
      [old]: `${old} is version 4.4.2; version 5.0 or newer is needed`,
    };
    for (const [ffmpeg, reason] of Object.entries(reasons))
      await expect(kernelWith({}, { HELDAR_FFMPEG_BIN: ffmpeg }).start()).rejects.toMatchObject({
        code: 'media_failed',
        message: expect.stringContaining(reason) as string,
      });
    await kernelWith().start();
  });

  test('a kernel is started once, may be stopped twice, and says so before and after', async () => {
    const kernel = kernelWith();
    await kernel.stop();
    expect(() => kernel.address).toThrow('the kernel has not been started');
    await kernel.start();
    await expect(kernel.start()).rejects.toMatchObject({ code: 'usage' });
    await Promise.all([kernel.stop(), kernel.stop()]);
    await kernel.stop();
  });
});

describe('as a command', () => {
  test.each([
    ['SIGTERM', 'the command alone', (pid: number) => process.kill(pid, 'SIGTERM')],
    ['SIGINT', 'its whole group, as a terminal does', (pid: number) => process.kill(-pid, 'SIGINT')],
  ])('%s to %s ends it with 0 while clients are connected, and no process is left', async (_, __, end) => {
    const command = launch(['start']);
    const origin = await command.origin();
    const reader = readEvents(() => origin, '', 0);
    onTestFinished(() => reader.stop());
    await until('the stream', () => reader.connections > 0);
    expect((await fetch(`${origin}/readyz`)).status).toBe(200);
    expect(processesOf(folder).length).toBeGreaterThanOrEqual(2);
    end(command.pid);
    expect(await command.ended).toEqual({ code: 0, signal: null });
    await until('all processes have ended', () => processesOf(folder).length === 0);
    await kernelWith().start();
  });

  test('its lock goes with it when it is killed, so that the next start needs no cleaning up', async () => {
    const command = launch(['start']);
    await command.origin();
    await expect(kernelWith().start()).rejects.toMatchObject({ code: 'data_locked' });
    process.kill(-command.pid, 'SIGKILL');
    expect(await command.ended).toEqual({ code: null, signal: 'SIGKILL' });
    await until('all processes have ended', () => processesOf(folder).length === 0);
    const next = kernelWith();
    await next.start();
    expect(await site(next)).toBe(200);
  });

  test('when only the process that watches over it is killed, the kernel stops by itself', async () => {
    const command = launch(['start']);
    await command.origin();
    process.kill(command.pid, 'SIGKILL');
    await until('all processes have ended', () => processesOf(folder).length === 0);
    const next = kernelWith();
    await next.start();
    expect(await site(next)).toBe(200);
  });

  test('what keeps it from starting is one line on standard error, and the exit code 1', async () => {
    const { port, close } = await takePort();
    onTestFinished(close);
    const taken = launch(['start'], { HELDAR_API_PORT: String(port) });
    expect(await taken.ended).toEqual({ code: 1, signal: null });
    const missing = launch(['start'], { PATH: '/nowhere' });
    const locked = kernelWith();
    expect(await missing.ended).toEqual({ code: 1, signal: null });
    await locked.start();
    const second = launch(['start']);
    expect(await second.ended).toEqual({ code: 1, signal: null });
    expect(taken.errors()).toEqual([
      `✖ port ${port} on 127.0.0.1 is taken; stop the program that uses it, or set HELDAR_API_PORT to a free port`,
    ]);
    expect(missing.errors()).toEqual(['✖ ffmpeg was not found; install FFmpeg, or set HELDAR_FFMPEG_BIN']);
    expect(second.errors()).toEqual([
      `✖ the data folder ${folder} is in use by another kernel; stop it, or start this one with another HELDAR_DATA_DIR`,
    ]);
    await locked.stop();
    expect(processesOf(folder)).toEqual([]);
  });

  test('--trace-boot prints how long each step took, as a tree', async () => {
    const command = launch(['start', '--trace-boot']);
    await command.origin();
    const tree = await until('the tree', () =>
      command.output().includes('plugins: start') ? command.output() : null,
    );
    const steps = tree.split('\n').flatMap((line) => {
      const [, indent, name] = /^ *[\d.]+ ms {2}( *)(.+)$/.exec(line) ?? [];
      return name === undefined ? [] : [[(indent ?? '').length / 2, name] as const];
    });
    expect(steps.filter(([depth]) => depth < 2).map(([, name]) => name)).toEqual([
      'boot',
      'configuration',
      'folders',
      'lock the data folder',
      'plugins: load',
      'media tools',
      'migrations',
      'secrets',
      'store',
      'left processes',
      'listen',
      'plugins: start',
      'media',
    ]);
    expect(steps).toContainEqual([2, 'migrate kernel']);
  });
});

interface Launched {
  readonly pid: number;
  readonly ended: Promise<{ code: number | null; signal: NodeJS.Signals | null }>;
  /** Where it serves, once it does. */
  origin(): Promise<string>;
  /** Standard output so far. */
  output(): string;
  /** Lines of standard error that are not of the log. */
  errors(): string[];
}

/** The command in a process group of its own, with a composition without plugins; killed when the test ends. */
function launch(args: readonly string[], env: Env = {}): Launched {
  writeFileSync(join(folder, 'heldar.config.ts'), 'export default {};\n');
  const child = spawn(process.execPath, ['--conditions=heldar-source', bin, ...args, '--env', 'test'], {
    cwd: folder,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  });
  const lines: string[] = [];
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text));
  createInterface({ input: child.stderr }).on('line', (line) => lines.push(line));
  const pid = child.pid ?? 0;
  const ended = once(child, 'close').then(([code, signal]) => ({ code, signal }));
  onTestFinished(async () => {
    for (const left of processesOf(folder)) process.kill(left, 'SIGKILL');
    await ended;
  });
  return {
    pid,
    ended,
    origin: () =>
      until(`a kernel in ${folder}`, () => {
        if (child.exitCode !== null) throw new Error(lines.join('\n'));
        return lines
          .map((line) => /"address":"([^"]+)".*heldar is running/.exec(line)?.[1])
          .find((found) => found !== undefined);
      }),
    output: () => output,
    errors: () => lines.filter((line) => !line.startsWith('{')),
  };
}

/** Ids of the processes that run for that data folder, this one left out. */
function processesOf(dataDir: string): number[] {
  const wanted = `HELDAR_DATA_DIR=${dataDir}`;
  return readdirSync('/proc')
    .map(Number)
    .filter((pid) => pid > 0 && pid !== process.pid && variablesOf(pid).includes(wanted));
}

function variablesOf(pid: number): string[] {
  try {
    // Empty for one that has ended and waits to be reaped.
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0');
  } catch {
    return [];
  }
}

async function takePort(): Promise<{ port: number; close(): Promise<void> }> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    port,
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
