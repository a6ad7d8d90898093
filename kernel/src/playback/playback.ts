/** What looks at recordings again: clips, review sessions, stills and previews, with their pools. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { Samplers } from '../media/samplers.ts';
import type { MediaTools } from '../media/tools.ts';
import type { Garbage } from '../recording/garbage.ts';
import type { Leases } from '../recording/leases.ts';
import type { RecordingRoots } from '../recording/roots.ts';
import type { Store } from '../store/store.ts';
import { createClips, type Clips } from './clips.ts';
import type { LocateFootage } from './footage.ts';
import { createJobPool } from './job-pool.ts';
import { createPreviews } from './previews.ts';
import { createSessions, type Sessions } from './sessions.ts';
import { createStills, stillOverTime, type Stills } from './stills.ts';

export interface Playback {
  readonly clips: Clips;
  readonly sessions: Sessions;
  readonly stills: Stills;
  readonly locate: LocateFootage;
  start(): Promise<void>;
  stop(): Promise<void>;
}

export interface PlaybackOptions {
  readonly store: Store;
  readonly registry: CameraRegistry;
  readonly samplers: Pick<Samplers, 'newest'>;
  readonly leases: Leases;
  readonly roots: Pick<RecordingRoots, 'pathOf' | 'identity'>;
  readonly garbage: Garbage;
  readonly settings: Pick<Settings, 'clipsDir' | 'playback'>;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
  readonly log: Logger;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

/** For each that runs, so many may wait. */
const waitingPerJob = 8;
/** A download lasts as long as its client is slow: more of them, and none waits. */
const downloadsPerJob = 4;
const hourMs = 3_600_000;
const minuteMs = 60_000;

export function createPlayback(options: PlaybackOptions): Playback {
  const { settings, clock } = options;
  const { jobs, sessionTtlMinutes, clipRetentionHours } = settings.playback;
  const queue = jobs * waitingPerJob;
  const exports = createJobPool({ name: 'exports', concurrency: jobs, queue, clock });
  const downloads = createJobPool({
    name: 'downloads',
    concurrency: jobs * downloadsPerJob,
    queue: 0,
    clock,
  });
  const stills = createJobPool({ name: 'stills', concurrency: jobs, queue, clock, overTime: stillOverTime });
  const locate: LocateFootage = ({ root, path }) => {
    const folder = options.roots.pathOf(root);
    return folder === undefined ? null : join(folder, path);
  };
  const common = { ...options, locate, exports };
  const clips = createClips({
    ...common,
    downloads,
    clipsDir: settings.clipsDir,
    keepMs: clipRetentionHours * hourMs,
  });
  const previews = createPreviews({ ...options, cpuPercent: settings.playback.previewCpuPercent });
  const sessions = createSessions({ ...common, ttlMs: sessionTtlMinutes * minuteMs });
  return {
    clips,
    sessions,
    stills: createStills({ ...common, pool: stills }),
    locate,
    async start() {
      await clips.start();
      sessions.start();
      previews.start();
    },
    async stop() {
      await Promise.all([exports.stop(), downloads.stop(), stills.stop()]);
      await Promise.all([clips.stop(), sessions.stop(), previews.stop()]);
    },
  };
}
