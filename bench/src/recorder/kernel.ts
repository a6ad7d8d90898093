/** What does a kernel cost that records some cameras, and did it record them? */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startKernel, type KernelProcess } from '../kernel-process.ts';
import { childrenOf, cpuOf } from './cpu.ts';

export interface KernelRecording {
  readonly kernelCpuSeconds: number;
  /** Of ffmpeg and ffprobe, those that have ended among them. */
  readonly mediaCpuSeconds: number;
  readonly resident: readonly { readonly atMs: number; readonly bytes: number }[];
  /** What is not indexed though it should be. */
  readonly missing: readonly string[];
}

export const segmentSeconds = 60;
const sampleEveryMs = 5000;
/** A camera may need as long for its first second on disk, s. */
const startSeconds = 10;

export async function recordWithKernel(options: {
  url: string;
  cameras: number;
  seconds: number;
  port: number;
  previews: boolean;
}): Promise<KernelRecording> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-bench-recorder-'));
  const compositionFile = join(folder, 'heldar.config.js');
  writeFileSync(compositionFile, 'export default {};\n');
  const env = options.previews ? {} : { HELDAR_PREVIEW_CPU_PERCENT: '0' };
  const kernel = await startKernel({ port: options.port, folder, compositionFile, env });
  try {
    const before = cpuOf(kernel.pid);
    const ids = Array.from({ length: options.cameras }, (_, index) => `camera_${index + 1}`);
    for (const id of ids)
      await kernel.post('/api/v1/cameras', {
        id,
        name: id,
        main_stream_url: options.url,
        segment_seconds: segmentSeconds,
      });
    const resident: { atMs: number; bytes: number }[] = [];
    const started = performance.now();
    for (let atMs = 0; atMs < options.seconds * 1000; atMs = performance.now() - started) {
      resident.push({ atMs, bytes: kernel.residentBytes() });
      await sleep(Math.min(sampleEveryMs, options.seconds * 1000 - atMs));
    }
    const after = cpuOf(kernel.pid);
    const children = childrenOf(kernel.pid);
    if (before === null || after === null) throw new Error('the kernel has ended');
    const running = children.reduce((sum, child) => sum + child.ownSeconds + child.endedSeconds, 0);
    await kernel.stop();
    return {
      kernelCpuSeconds: after.ownSeconds - before.ownSeconds,
      mediaCpuSeconds: after.endedSeconds - before.endedSeconds + running,
      resident,
      missing: await missingOf(kernel, options, ids),
    };
  } finally {
    await kernel.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Asked of another kernel on the same folder, which has indexed what the first one closed when it was stopped. */
async function missingOf(
  { folder }: KernelProcess,
  { port, seconds }: { port: number; seconds: number },
  ids: readonly string[],
): Promise<string[]> {
  const kernel = await startKernel({
    port,
    folder,
    compositionFile: join(folder, 'heldar.config.js'),
    env: { HELDAR_RECORDER_ENABLED: 'false' },
  });
  try {
    const missing: string[] = [];
    for (const id of ids) {
      const { ranges } = (await kernel.get(`/api/v1/cameras/${id}/timeline`)) as {
        ranges: { start: string; end: string }[];
      };
      const footageMs = ranges.reduce((sum, { start, end }) => sum + Date.parse(end) - Date.parse(start), 0);
      if (ranges.length !== 1 || footageMs < (seconds - startSeconds) * 1000)
        missing.push(`${id}: ${(footageMs / 1000).toFixed(1)} s in ${ranges.length} ranges`);
    }
    return missing;
  } finally {
    await kernel.stop();
  }
}
