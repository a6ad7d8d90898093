/** Runs a load in a process of its own, so that it shares no event loop with what it measures. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import type { LoadOrder, LoadResult } from './load-worker.ts';

export type { LoadResult } from './load-worker.ts';

const run = promisify(execFile);
const worker = fileURLToPath(new URL('./load-worker.ts', import.meta.url));

export async function load(order: LoadOrder): Promise<LoadResult> {
  const { stdout } = await run(process.execPath, [worker, JSON.stringify(order)], { maxBuffer: 1e8 });
  return JSON.parse(stdout) as LoadResult;
}
