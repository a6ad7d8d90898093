/** A kernel in this process on a site in a temporary folder, with real time: what the fault tests stand on. */
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { createKernel, type Kernel, type KernelOptions } from '../src/kernel.ts';
import { folderWith, type TemporaryFolder } from './folder-with.ts';

/** The folder of a plugin that lies with the tests. */
export function fixturePlugin(name: string): string {
  return fileURLToPath(new URL(`./fixtures/plugins/${name}`, import.meta.url));
}

/** What plugin view `GET /api/v1/plugins` gives. */
export interface PluginView {
  readonly name: string;
  readonly state: string;
  readonly version: string;
  readonly error: { stage: string; reason: string; place: string | null; next: string } | null;
  readonly consumers: readonly {
    name: string;
    lag_records: number;
    parked: number;
    failing: { attempts: number; error: string } | null;
  }[];
}

export interface Site extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly folder: TemporaryFolder;
  /** Lines of the log. */
  readonly log: readonly Record<string, unknown>[];
  /** Messages of a plugin at this level. */
  told(plugin: string, level?: string): string[];
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>;
  plugins(): Promise<PluginView[]>;
  ingest(cameraId: string, frameId: string): Promise<void>;
  /** A query on a connection of the test's own. */
  sql<Row>(text: string, ...params: unknown[]): Row[];
}

/** `files`: of the site, among them `heldar.config.ts`. */
export async function startSite(
  files: Readonly<Record<string, string>>,
  options: Partial<KernelOptions> & { cameras?: readonly string[] } = {},
): Promise<Site> {
  const { cameras = ['gate', 'yard'], ...kernelOptions } = options;
  const folder = folderWith(files);
  const log: Record<string, unknown>[] = [];
  const kernel = createKernel({
    cwd: folder.path,
    env: { PATH: process.env['PATH'], ...siteVariables },
    environment: 'test',
    logTo: { write: (line) => void log.push(JSON.parse(line) as Record<string, unknown>) },
    blockLimitMs: null,
    ...kernelOptions,
  });
  try {
    await kernel.start();
  } catch (error) {
    folder[Symbol.dispose]();
    throw Object.assign(error as Error, { log });
  }
  const reader = new Database(folder.file('data/heldar.db'), { readonly: true });
  const call: Site['call'] = async (method, path, body) => {
    const response = await kernel.inject(path, { method, ...(body === undefined ? {} : { body }) });
    const text = await response.text();
    return { status: response.status, body: text === '' ? undefined : (JSON.parse(text) as unknown) };
  };
  for (const id of cameras) {
    const made = await call('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
    if (made.status !== 201) throw new Error(`camera ${id}: ${made.status} ${JSON.stringify(made.body)}`);
  }
  return {
    kernel,
    folder,
    log,
    told: (plugin, level = 'error') =>
      log
        .filter((line) => line['plugin'] === plugin && line['level'] === level)
        .map((line) => String(line['msg'])),
    call,
    plugins: async () => (await call('GET', '/api/v1/plugins')).body as PluginView[],
    async ingest(cameraId, frameId) {
      const { status, body } = await call('POST', '/api/v1/ai/events', {
        camera_id: cameraId,
        task_type: 'people',
        frame_id: frameId,
        detections: [{ label: 'person', confidence: 0.9, bbox: [0, 0, 1, 1], track_id: '1' }],
      });
      if (status !== 200) throw new Error(`${frameId}: ${status} ${JSON.stringify(body)}`);
    },
    sql: <Row>(text: string, ...params: unknown[]) => reader.prepare(text).all(...params) as Row[],
    async [Symbol.asyncDispose]() {
      await kernel.stop();
      reader.close();
      folder[Symbol.dispose]();
    },
  };
}

/** Nothing of the machine's is used: no recordings, no samples, any port; no budgets. */
export const siteVariables = {
  HELDAR_API_PORT: '0',
  HELDAR_RECORDER_ENABLED: 'false',
  HELDAR_AI_ENABLED: 'false',
  // Plugins of tests that misbehave are not to be slowed down for it.
  HELDAR_BUDGETS_ENABLED: 'false',
} as const;
