/** A kernel in a folder of its own, with its cameras, that can be stopped and started again on the same data. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { HeldarConfig } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { createKernel, type Kernel } from '../src/kernel.ts';
import { createFakeClock, type FakeClock } from '../src/testing/fake-clock.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  /** Parsed; undefined when it is empty. */
  readonly body: unknown;
}

export interface KernelRig extends AsyncDisposable {
  readonly folder: string;
  /** The one that runs now. */
  readonly kernel: Kernel;
  readonly clock: FakeClock;
  /** Where it listens: `http://127.0.0.1:<port>`. */
  readonly origin: string;
  /** A request without a socket; `body` is sent as JSON unless it is text or bytes. */
  call(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer>;
  /** A query on a connection of the test's own. */
  sql<Row>(text: string, ...params: unknown[]): Row[];
  stop(): Promise<void>;
  /** Starts a new kernel on the same folder; `config`: instead of the one before. */
  start(config?: HeldarConfig): Promise<void>;
}

export interface RigOptions {
  /** Created on the first start; they record nothing. */
  readonly cameras?: readonly string[];
  readonly config?: HeldarConfig;
  /** Lines of the log, as JSON. */
  readonly logTo?: { write(line: string): void };
  /** Variables of this kernel alone. */
  readonly env?: Readonly<Record<string, string>>;
  /** Fills the folder before the first start. */
  readonly prepare?: (folder: string) => Promise<void>;
}

export async function startRig({
  cameras = ['gate', 'yard'],
  config = {},
  logTo = { write() {} },
  env: variables = {},
  prepare = () => Promise.resolve(),
}: RigOptions = {}): Promise<KernelRig> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-rig-'));
  const clock = createFakeClock();
  const env = { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0', ...variables };
  await prepare(folder);
  let current = config;
  const make = () =>
    createKernel({
      config: current,
      env,
      clock,
      logTo,
      cwd: folder,
      environment: 'test',
      blockLimitMs: null,
    });
  let kernel = make();

  const call: KernelRig['call'] = async (method, path, body, headers) => {
    const isJson = body !== undefined && typeof body !== 'string' && !(body instanceof Uint8Array);
    const response = await kernel.inject(path, {
      method,
      headers: {
        ...(body === undefined || isJson ? {} : { 'content-type': 'application/json' }),
        ...headers,
      },
      ...(body === undefined ? {} : { body }),
    });
    const text = await response.text();
    const { status } = response;
    return {
      status,
      headers: response.headers,
      body: text === '' ? undefined : (JSON.parse(text) as unknown),
    };
  };
  const rig: KernelRig = {
    folder,
    clock,
    call,
    get kernel() {
      return kernel;
    },
    get origin() {
      return `http://127.0.0.1:${kernel.address.port}`;
    },
    sql<Row>(text: string, ...params: unknown[]) {
      const db = new Database(join(folder, 'heldar.db'), { readonly: true });
      try {
        return db.prepare(text).all(...params) as Row[];
      } finally {
        db.close();
      }
    },
    stop: () => kernel.stop(),
    async start(next = current) {
      current = next;
      kernel = make();
      await kernel.start();
    },
    async [Symbol.asyncDispose]() {
      await kernel.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
  await kernel.start();
  for (const id of cameras) await createCamera(rig, id);
  return rig;
}

export async function createCamera(rig: Pick<KernelRig, 'call'>, id: string): Promise<void> {
  const { status, body } = await rig.call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
  if (status !== 201) throw new Error(`camera ${id}: ${status} ${JSON.stringify(body)}`);
}
