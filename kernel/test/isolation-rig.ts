/** A kernel with one plugin of the tests in a tier, on a data folder of its own or on a copy of another's. */
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { use, type Isolation, type PluginBudgets, type PluginEntry } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { createKernel, type Kernel, type KernelOptions } from '../src/kernel.ts';
import type { Clock } from '../src/clock.ts';
import { fixturePlugin } from './site-rig.ts';

export interface TierSite extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly folder: string;
  readonly log: readonly Record<string, unknown>[];
  call(
    method: string,
    path: string,
    body?: unknown,
  ): Promise<{ status: number; body: unknown; text: string }>;
  ingest(cameraId: string, taskType: string, detections: readonly object[], frameId?: string): Promise<void>;
  sql<Row>(text: string, ...params: unknown[]): Row[];
  plugin(name: string): Promise<TierView>;
}

export interface TierView {
  readonly name: string;
  readonly state: string;
  readonly error: { readonly reason: string; readonly next: string; readonly place: string | null } | null;
  readonly faults: { readonly count: number };
  readonly budget: {
    readonly use: readonly {
      readonly measure: string;
      readonly measured: number | null;
      readonly limit: number;
    }[];
    readonly last_step: { readonly step: string; readonly reason: string } | null;
  };
  readonly isolation: { readonly tier: string; readonly restarts: number; readonly last_end: string | null };
}

/** The plugin of that name that lies with the tests, to run in a tier. */
export function inTier(
  name: string,
  isolation: Isolation,
  options: { config?: object; memoryMb?: number; budgets?: PluginBudgets } = {},
): PluginEntry {
  const { config = {}, ...rest } = options;
  const file = pathToFileURL(join(fixturePlugin(name), 'index.ts')).href;
  // The text of the function says what it imports: that is how the host learns it before any code runs.
  const load = Object.assign(() => import(/* @vite-ignore */ file) as Promise<never>, {
    toString: () => `() => import(${JSON.stringify(file)})`,
  });
  return use(load, config as never, { isolation, ...rest });
}

export async function startTier(
  plugins: readonly PluginEntry[],
  options: {
    /** A data folder to start from a copy of. */
    from?: string;
    clock?: Clock;
    cameras?: readonly string[];
    variables?: Readonly<Record<string, string>>;
    limits?: KernelOptions['pluginLimits'];
  } = {},
): Promise<TierSite> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-tier-'));
  if (options.from !== undefined) cpSync(options.from, folder, { recursive: true });
  const log: Record<string, unknown>[] = [];
  const kernel = createKernel({
    cwd: folder,
    config: { plugins },
    env: {
      PATH: process.env['PATH'],
      HELDAR_DATA_DIR: folder,
      HELDAR_API_PORT: '0',
      HELDAR_RECORDER_ENABLED: 'false',
      HELDAR_AI_ENABLED: 'false',
      HELDAR_BUDGETS_ENABLED: 'false',
      ...options.variables,
    },
    environment: 'test',
    blockLimitMs: null,
    logTo: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    ...(options.clock === undefined ? {} : { clock: options.clock }),
    ...(options.limits === undefined ? {} : { pluginLimits: options.limits }),
  });
  await kernel.start();
  const call: TierSite['call'] = async (method, path, body) => {
    const response = await kernel.inject(path, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return { status: response.status, text, body: isJson ? (JSON.parse(text) as unknown) : undefined };
  };
  for (const id of options.cameras ?? []) {
    const { status, text } = await call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
    if (status !== 201) throw new Error(`camera ${id}: ${status} ${text}`);
  }
  return {
    kernel,
    folder,
    log,
    call,
    async ingest(cameraId, taskType, detections, frameId) {
      const { status, text } = await call('POST', '/api/v1/ai/events', {
        camera_id: cameraId,
        task_type: taskType,
        detections,
        ...(frameId === undefined ? {} : { frame_id: frameId }),
      });
      if (status !== 200) throw new Error(`ingest: ${status} ${text}`);
    },
    sql<Row>(text: string, ...params: unknown[]) {
      const db = new Database(join(folder, 'heldar.db'), { readonly: true });
      try {
        return db.prepare(text).all(...params) as Row[];
      } finally {
        db.close();
      }
    },
    async plugin(name) {
      const { body } = await call('GET', '/api/v1/plugins');
      const found = (body as TierView[]).find((plugin) => plugin.name === name);
      if (found === undefined) throw new Error(`no plugin ${name}`);
      return found;
    },
    async [Symbol.asyncDispose]() {
      await kernel.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
