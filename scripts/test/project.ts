/** A project in a temporary folder that has this project's setup, packages of its own and no tools but those a test puts there. */
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const scripts = fileURLToPath(new URL('..', import.meta.url));

export interface Outcome {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly out: string;
  readonly err: string;
}

export interface Project extends Disposable {
  readonly path: string;
  write(file: string, text: string): void;
  /** Puts a program on the PATH of the setup. */
  program(name: string, text?: string): void;
  /** Runs the setup to its end. */
  setup(args?: readonly string[], env?: Env): Promise<Outcome>;
  /** Starts the setup; `command` is what starts it in its turn. */
  start(args: readonly string[], env?: Env, command?: readonly string[]): Running;
}

export interface Running {
  readonly child: ChildProcess;
  readonly ended: Promise<Outcome>;
  /** Resolves when the output holds a text. */
  says(text: string): Promise<void>;
}

interface Manifest {
  readonly [member: string]: unknown;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

/** npm asks no registry. */
const offline = { npm_config_offline: 'true', npm_config_update_notifier: 'false' };

type Env = Readonly<Record<string, string>>;

export function projectWith(packageJson: object, files: Readonly<Record<string, string>> = {}): Project {
  const path = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-setup-')));
  const bin = join(path, 'fake-bin');
  mkdirSync(bin);
  cpSync(join(scripts, 'setup.mjs'), join(path, 'scripts/setup.mjs'));
  cpSync(join(scripts, 'setup'), join(path, 'scripts/setup'), { recursive: true });
  const write = (file: string, text: string) => {
    mkdirSync(dirname(join(path, file)), { recursive: true });
    writeFileSync(join(path, file), text);
  };
  const manifest: Manifest = { name: 'site', version: '1.0.0', private: true, ...packageJson };
  write('package.json', JSON.stringify(manifest));
  write('package-lock.json', lockOf(manifest));
  for (const [file, text] of Object.entries(files)) write(file, text);
  const start: Project['start'] = (args, env = {}, command = []) => {
    const [program = '', ...rest] = [...command, process.execPath, join(path, 'scripts/setup.mjs'), ...args];
    return watch(spawn(program, rest, { cwd: path, env: { PATH: bin, HOME: path, ...offline, ...env } }));
  };
  return {
    path,
    write,
    program(name, text = '') {
      write(`fake-bin/${name}`, `#!/bin/sh\n${text}\n`);
      chmodSync(join(bin, name), 0o755);
    },
    setup: (args = [], env = {}) => start(args, env).ended,
    start,
    [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }),
  };
}

/** The lock of a project whose only packages are folders of its own. */
export function lockOf(manifest: Manifest): string {
  const packages: Record<string, object> = { '': manifest };
  for (const [name, folder] of Object.entries(manifest.devDependencies ?? {})) {
    packages[folder.replace('file:', '')] = { version: '1.0.0', dev: true };
    packages[`node_modules/${name}`] = { resolved: folder.replace('file:', ''), link: true };
  }
  return JSON.stringify({ name: 'site', version: '1.0.0', lockfileVersion: 3, requires: true, packages });
}

function watch(child: ChildProcess): Running {
  const text = { out: '', err: '' };
  const listeners = new Set<() => void>();
  child.stdout?.on('data', (chunk: Buffer) => {
    text.out += chunk.toString();
    for (const listener of listeners) listener();
  });
  child.stderr?.on('data', (chunk: Buffer) => void (text.err += chunk.toString()));
  const ended = new Promise<Outcome>((settle, fail) => {
    child.on('error', fail);
    child.on('close', (code, signal) => settle({ code, signal, ...text }));
  });
  const says = (wanted: string) =>
    new Promise<void>((settle, fail) => {
      const look = () => {
        if (!text.out.includes(wanted)) return;
        listeners.delete(look);
        settle();
      };
      listeners.add(look);
      look();
      ended.then(({ err }) => fail(new Error(`it ended without ${wanted}: ${text.out}${err}`)), fail);
    });
  return { child, ended, says };
}
