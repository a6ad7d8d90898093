/** What records, samples and keeps pictures: the media side of the kernel, built in its order. */
import { createHash } from 'node:crypto';
import { dirname, join } from 'node:path';
import { createCameraRemoval, type CameraRemoval } from '../cameras/remove-camera.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { databaseFileOf } from '../config/database-url.ts';
import type { Settings } from '../config/settings.ts';
import type { Journal } from '../events/journal.ts';
import type { KernelLog } from '../log.ts';
import { createEvidence, type Evidence } from '../media/evidence.ts';
import { createSamplers, type Samplers } from '../media/samplers.ts';
import type { MediaTools } from '../media/tools.ts';
import { createPlayback, type Playback } from '../playback/playback.ts';
import { byProductChores } from '../recording/by-products.ts';
import { createEventTriggers, type EventTriggers } from '../recording/event-triggers.ts';
import { createFleet, type Fleet } from '../recording/fleet.ts';
import { createGarbage, type Garbage } from '../recording/garbage.ts';
import { createIndexer } from '../recording/indexer.ts';
import { createLeases, type Leases } from '../recording/leases.ts';
import { createRecordingRoots, type RecordingRoots } from '../recording/roots.ts';
import { namedRoots } from '../recording/root-settings.ts';
import { startUpkeep } from '../recording/upkeep.ts';
import type { Loop } from '../runtime/loop.ts';
import { createRetention, type Retention } from '../recording/retention.ts';
import type { Store } from '../store/store.ts';

export interface MediaPlane {
  readonly fleet: Fleet;
  readonly eventTriggers: EventTriggers;
  readonly samplers: Samplers;
  readonly evidence: Evidence;
  readonly roots: RecordingRoots;
  readonly garbage: Garbage;
  readonly startUpkeep: () => Loop;
  readonly retention: Retention;
  readonly leases: Leases;
  readonly removal: CameraRemoval;
  readonly playback: Playback;
  /** Marks child processes; the same after a restart, and no other kernel's. */
  readonly marker: string;
}

const gib = 2 ** 30;
const hourMs = 3_600_000;

export function createMediaPlane(options: {
  store: Store;
  registry: CameraRegistry;
  journal: Journal;
  settings: Settings;
  tools: MediaTools;
  clock: Clock;
  random: () => number;
  log: KernelLog;
}): MediaPlane {
  const { store, registry, journal, settings, tools, clock, random } = options;
  const { recordingsDir, snapshotsDir } = settings;
  const marker = createHash('sha256').update(settings.dataDir).digest('hex').slice(0, 16);
  const recorderLog = options.log.part('recorder');
  const leases = createLeases({ store, clock });
  const retentionLog = options.log.part('retention');
  const roots = createRecordingRoots({
    store,
    clock,
    recordingsDir,
    others: namedRoots(settings.recorder.roots),
    log: recorderLog,
  });
  const folders = { snapshot: snapshotsDir, clip: settings.clipsDir };
  const garbage = createGarbage({ store, roots, folders, log: recorderLog });
  const indexer = createIndexer({ store, clock, roots, log: recorderLog });
  const retention = createRetention({
    store,
    registry,
    clock,
    intervalMs: settings.retention.intervalSeconds * 1000,
    maxRecordingsBytes: settings.retention.maxRecordingsGb * gib,
    minFreeBytes: settings.retention.minFreeDiskGb * gib,
    roots,
    garbage,
    reserveFile: join(dirname(databaseFileOf(settings.databaseUrl)), 'reserve'),
    chores: [
      { name: 'leases', run: (signal) => leases.sweep(signal) },
      ...byProductChores({
        store,
        clock,
        roots,
        garbage,
        maxClipsBytes: settings.retention.maxClipsGb * gib,
        snapshotAgeMs: settings.retention.snapshotHours * hourMs,
        unreadableAgeMs: settings.retention.quarantineDays * 24 * hourMs,
        log: retentionLog,
      }),
    ],
    log: retentionLog,
  });
  const fleet = createFleet({
    store,
    registry,
    indexer,
    tools,
    clock,
    random,
    roots,
    ringDir: settings.ringDir,
    marker,
    enabled: settings.recorder.enabled,
    checkMs: settings.recorder.scheduleCheckSeconds * 1000,
    log: recorderLog,
    onDiskFull: () => void retention.makeRoom().catch(() => undefined),
  });
  const eventTriggers = createEventTriggers({ store, journal, registry, fleet, clock, log: recorderLog });
  const samplers = createSamplers({
    store,
    registry,
    tools,
    clock,
    random,
    marker,
    enabled: settings.ai.enabled,
    maxTotalFps: settings.ai.maxTotalFps,
    log: options.log.part('sampler'),
  });
  const evidence = createEvidence({
    store,
    frames: samplers,
    snapshotsDir,
    log: options.log.part('evidence'),
  });
  const removal = createCameraRemoval({
    store,
    registry,
    fleet,
    garbage,
    roots,
    ringDir: settings.ringDir,
  });
  const playback = createPlayback({
    ...options,
    samplers,
    leases,
    roots,
    garbage,
    marker,
    log: options.log.part('playback'),
  });
  return {
    fleet,
    eventTriggers,
    samplers,
    evidence,
    roots,
    garbage,
    startUpkeep: () =>
      startUpkeep({
        store,
        registry,
        garbage,
        indexer,
        clock,
        everyMs: settings.recorder.indexerIntervalSeconds * 1000,
        log: recorderLog,
      }),
    retention,
    leases,
    removal,
    playback,
    marker,
  };
}
