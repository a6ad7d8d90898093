/** A kernel in this process with the two plugins, one of them in a tier, and cameras. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createKernel, type Kernel } from '@heldar/kernel';
import { use, type Isolation } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';

export interface Site extends AsyncDisposable {
  readonly kernel: Kernel;
  readonly folder: string;
  /** Resolves with the answer, when the batch is durable. */
  ingest(cameraId: string, taskType: string, detections: readonly object[], frameId?: string): Promise<void>;
  /** One number. */
  ask(sql: string, ...params: unknown[]): number;
}

/** `noisy` null: without that plugin. `folder`: of a site that has been stopped; it stays. */
export async function startSite(options: {
  noisy: Isolation | null;
  cameras: readonly string[];
  folder?: string;
}): Promise<Site> {
  const { noisy: isolation, cameras } = options;
  const folder = options.folder ?? mkdtempSync(join(tmpdir(), 'heldar-bench-isolation-'));
  const steady = use(() => import('./steady/index.ts'));
  const plugins =
    isolation === null
      ? [steady]
      : [steady, use(() => import('./noisy/index.ts'), {}, { isolation, memoryMb: 128 })];
  const kernel = createKernel({
    cwd: fileURLToPath(new URL('.', import.meta.url)),
    config: { plugins, recorder: { enabled: false }, ai: { enabled: false }, budgets: { enabled: false } },
    env: { PATH: process.env['PATH'], HELDAR_DATA_DIR: folder, HELDAR_API_PORT: '0', HELDAR_LOG: 'off' },
    environment: 'production',
    blockLimitMs: null,
  });
  await kernel.start();
  const post = async (path: string, body: object, expected: number) => {
    const response = await kernel.inject(path, { method: 'POST', body });
    if (response.status !== expected) throw new Error(`${path}: ${response.status} ${await response.text()}`);
  };
  const reader = new Database(join(folder, 'heldar.db'), { readonly: true });
  const known = reader.prepare('SELECT count(*) FROM cameras').pluck().get() as number;
  if (known === 0)
    for (const id of cameras) await post('/api/v1/cameras', { id, name: id, record_enabled: false }, 201);
  return {
    kernel,
    folder,
    ingest: (cameraId, taskType, detections, frameId) =>
      post(
        '/api/v1/ai/events',
        {
          camera_id: cameraId,
          task_type: taskType,
          detections,
          ...(frameId === undefined ? {} : { frame_id: frameId }),
        },
        200,
      ),
    ask: (sql, ...params) =>
      (reader
        .prepare(sql)
        .pluck()
        .get(...params) as number | undefined) ?? 0,
    async [Symbol.asyncDispose]() {
      await kernel.stop();
      reader.close();
      if (options.folder === undefined) rmSync(folder, { recursive: true, force: true });
    },
  };
}
