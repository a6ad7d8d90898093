/** The media side of a kernel on a store of its own: fleet, samplers and evidence, wired as the kernel wires them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../src/clock.ts';
import { createEvidence, type Evidence } from '../src/media/evidence.ts';
import { markerVariable } from '../src/media/ffmpeg.ts';
import { createSamplers, type Samplers } from '../src/media/samplers.ts';
import { findMediaTools, type MediaTools } from '../src/media/tools.ts';
import { createFleet, type Fleet } from '../src/recording/fleet.ts';
import { createIndexer } from '../src/recording/indexer.ts';
import { silentLog, type MediaStore } from './media-store.ts';

export interface MediaRig extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly samplers: Samplers;
  readonly evidence: Evidence;
  readonly snapshotsDir: string;
}

export async function createMediaRig(
  media: MediaStore,
  options: { tools?: MediaTools; clock?: Clock; maxTotalFps?: number } = {},
): Promise<MediaRig> {
  const { store, registry, recordingsDir, folder } = media;
  const common = {
    store,
    registry,
    clock: options.clock ?? systemClock,
    random: Math.random,
    tools: options.tools ?? (await findMediaTools()),
    marker: folder,
    log: silentLog,
  };
  const indexer = createIndexer({ ...common, recordingsDir });
  const fleet = createFleet({ ...common, indexer, recordingsDir, enabled: true });
  const samplers = createSamplers({ ...common, enabled: true, maxTotalFps: options.maxTotalFps ?? 40 });
  const snapshotsDir = join(folder, 'snapshots');
  const evidence = createEvidence({ ...common, frames: samplers, snapshotsDir });
  return {
    fleet,
    samplers,
    evidence,
    snapshotsDir,
    async [Symbol.asyncDispose]() {
      await Promise.all([fleet.stop(), samplers.stop(), evidence.stop()]);
    },
  };
}

/** Media processes of the kernel with that marker that are alive. */
export async function childrenOf(marker: string): Promise<number[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const found: number[] = [];
  for (const pid of pids) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.split('\0').includes(`${markerVariable}=${marker}`)) found.push(Number(pid));
  }
  return found;
}
