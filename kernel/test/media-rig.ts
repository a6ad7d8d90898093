/** The media side of a kernel on a store of its own: fleet, samplers and evidence, wired as the kernel wires them. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../src/clock.ts';
import { createEvidence, type Evidence } from '../src/media/evidence.ts';
import { markerVariable } from '../src/media/ffmpeg.ts';
import { createSamplers, type Samplers } from '../src/media/samplers.ts';
import { findMediaTools, type MediaTools } from '../src/media/tools.ts';
import { createFleet, type Fleet } from '../src/recording/fleet.ts';
import type { RecordingRoot } from '../src/recording/folder-identity.ts';
import { createGarbage, type Garbage } from '../src/recording/garbage.ts';
import { createIndexer } from '../src/recording/indexer.ts';
import { createRecordingRoots, type RecordingRoots } from '../src/recording/roots.ts';
import { silentLog, type MediaStore } from './media-store.ts';

export interface MediaRig extends AsyncDisposable {
  readonly fleet: Fleet;
  readonly roots: RecordingRoots;
  readonly garbage: Garbage;
  readonly ringDir: string;
  readonly samplers: Samplers;
  readonly evidence: Evidence;
  readonly snapshotsDir: string;
}

export interface MediaRigOptions {
  readonly tools?: MediaTools;
  readonly clock?: Clock;
  readonly maxTotalFps?: number;
  readonly otherRoots?: readonly RecordingRoot[];
  /** Between two looks at the roots. */
  readonly rootsEveryMs?: number;
  /** Default: beside the recordings. */
  readonly ringDir?: string;
  readonly checkMs?: number;
  readonly allowFiles?: boolean;
}

export async function createMediaRig(media: MediaStore, options: MediaRigOptions = {}): Promise<MediaRig> {
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
  const roots = createRecordingRoots({
    ...common,
    recordingsDir,
    others: options.otherRoots ?? [],
    ...(options.rootsEveryMs === undefined ? {} : { everyMs: options.rootsEveryMs }),
  });
  await roots.start();
  const garbage = createGarbage({ ...common, roots });
  const indexer = createIndexer({ ...common, roots });
  const ringDir = options.ringDir ?? join(folder, 'ring');
  const fleet = createFleet({
    ...common,
    indexer,
    roots,
    ringDir,
    enabled: true,
    checkMs: options.checkMs ?? 30_000,
    allowFiles: options.allowFiles ?? false,
  });
  const samplers = createSamplers({ ...common, enabled: true, maxTotalFps: options.maxTotalFps ?? 40 });
  const snapshotsDir = join(folder, 'snapshots');
  const evidence = createEvidence({ ...common, frames: samplers, snapshotsDir });
  return {
    fleet,
    roots,
    garbage,
    ringDir,
    samplers,
    evidence,
    snapshotsDir,
    async [Symbol.asyncDispose]() {
      await Promise.all([fleet.stop(), samplers.stop(), evidence.stop()]);
      await roots.stop();
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
