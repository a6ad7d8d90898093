/** Is a batch on the disk before its worker is told so? Read from the system calls of a kernel that is posted one batch after the other. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { addSteps } from './growth.ts';
import { migrationsOf, startKernel, type KernelProcess } from './kernel-process.ts';
import { createPersistentClient } from './persistent-client.ts';
import { startProofClock } from './proof-clock.ts';
import { seedCameras } from './seed-cameras.ts';
import { judgeAnswer, readTrace, type Verdict } from './system-calls.ts';

export interface SyncTrace {
  /** One for each batch, in order. */
  readonly verdicts: readonly Verdict[];
}

const readyLimitMs = 60_000;

/** @throws when strace is missing or may not attach: nothing is proven then. */
export async function traceSyncs(options: { kernelFolder: string; batches: number }): Promise<SyncTrace> {
  const dataFolder = mkdtempSync(join(tmpdir(), 'heldar-trace-'));
  const trace = join(dataFolder, 'trace');
  seedCameras(dataFolder, ['gate']);
  addSteps(migrationsOf(dataFolder), 1);
  const client = createPersistentClient();
  // Whole requests, answers and pages of the write-ahead log are needed: 4096 bytes and their frames.
  const under = [
    'strace',
    '-D',
    '-f',
    '-y',
    '-s',
    '5000',
    '-e',
    'trace=/^(read|write|writev|pwrite64|fsync|fdatasync)$',
    '-o',
    trace,
  ];
  const kernel = startKernel({ ...options, dataFolder, clock: startProofClock(1).variable(0), under });
  try {
    client.url = await ready(kernel);
    const keys = Array.from({ length: options.batches }, (_, index) => `traced-${index}-`);
    for (const key of keys) {
      const body = { camera_id: 'gate', task_type: 'people', frame_id: key, detections: [] };
      const { status } = await client.send('POST', '/api/v1/ai/events', body);
      if (status !== 200) throw new Error(`batch ${key} was answered ${status}`);
    }
    kernel.kill('SIGTERM');
    await kernel.exited;
    const calls = readTrace(readFileSync(trace, 'latin1'));
    if (calls.length === 0) throw notTraced(kernel, 'the trace is empty');
    return { verdicts: keys.map((key) => judgeAnswer(calls, key)) };
  } finally {
    kernel.kill('SIGKILL');
    rmSync(dataFolder, { recursive: true, force: true });
  }
}

async function ready(kernel: KernelProcess): Promise<string> {
  const abort = new AbortController();
  const late = setTimeout(readyLimitMs, null, { signal: abort.signal }).catch(() => null);
  const url = await Promise.race([kernel.ready, late]);
  abort.abort();
  if (url !== null) return url;
  kernel.kill('SIGKILL');
  throw notTraced(kernel, await kernel.exited.then((exit) => JSON.stringify(exit), String));
}

function notTraced(kernel: KernelProcess, why: string): Error {
  return new Error(
    `the kernel does not run under strace, so nothing is proven of its syncs; strace must be installed and allowed to attach (ptrace). ${why}\n${kernel.output()}`,
  );
}
