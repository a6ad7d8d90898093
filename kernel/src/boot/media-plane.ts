/** What records, samples and keeps pictures: the media side of the kernel, built in its order. */
import { createHash } from 'node:crypto';
import { rootPlaces, type CameraPlace } from '../cameras/camera-places.ts';
import { createCameraRemoval, type CameraRemoval } from '../cameras/remove-camera.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { Journal } from '../events/journal.ts';
import type { KernelLog } from '../log.ts';
import { createEvidence, type Evidence } from '../media/evidence.ts';
import { createSamplers, type Samplers } from '../media/samplers.ts';
import type { MediaTools } from '../media/tools.ts';
import { checkMirrorFolder } from '../mirror/mirror-folder.ts';
import { createMirrors, type Mirrors } from '../mirror/mirrors.ts';
import { createPlayback, type Playback } from '../playback/playback.ts';
import { createEventTriggers, type EventTriggers } from '../recording/event-triggers.ts';
import { createFleet, type Fleet } from '../recording/fleet.ts';
import { createGarbage, type Garbage } from '../recording/garbage.ts';
import { createIndexer } from '../recording/indexer.ts';
import { createLeases, type Leases } from '../recording/leases.ts';
import { createRecordingRoots, type RecordingRoots } from '../recording/roots.ts';
import { namedRoots } from '../recording/root-settings.ts';
import { startUpkeep } from '../recording/upkeep.ts';
import type { Loop } from '../runtime/loop.ts';
import type { Retention } from '../recording/retention.ts';
import { createSnapshotScheduler, type SnapshotScheduler } from '../snapshots/scheduler.ts';
import { takeOf } from '../snapshots/take.ts';
import type { Store } from '../store/store.ts';
import { createSiteRetention } from './site-retention.ts';

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
  readonly mirrors: Mirrors;
  readonly snapshots: SnapshotScheduler;
  readonly playback: Playback;
  /** Marks child processes; the same after a restart, and no other kernel's. */
  readonly marker: string;
}

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
  const retention = createSiteRetention({
    store,
    registry,
    settings,
    clock,
    roots,
    garbage,
    leases,
    log: options.log.part('retention'),
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
  const mirrors = createMirrors({
    store,
    registry,
    clock,
    mirrorDir: settings.mirrorDir,
    roots,
    log: options.log.part('mirror'),
  });
  const snapshots = createSnapshotScheduler({
    store,
    registry,
    clock,
    random,
    snapshotsDir,
    enabled: settings.snapshotScheduler.enabled,
    recheckMs: settings.snapshotScheduler.intervalSeconds * 1000,
    take: (camera, signal) => takeOf({ store, frames: samplers, tools, clock, marker }, camera, signal),
    log: options.log.part('snapshots'),
  });
  const removal = createCameraRemoval({
    store,
    registry,
    fleet,
    evidence,
    garbage,
    places: placesOfCameras(store, roots, settings),
    writers: [mirrors, snapshots],
    log: options.log.part('cameras'),
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
        garbage,
        indexer,
        clock,
        everyMs: settings.recorder.indexerIntervalSeconds * 1000,
        log: recorderLog,
      }),
    retention,
    leases,
    removal,
    mirrors,
    snapshots,
    playback,
    marker,
  };
}

/** Every folder that holds one a camera. */
function placesOfCameras(store: Store, roots: RecordingRoots, settings: Settings): CameraPlace[] {
  const { snapshotsDir, ringDir, mirrorDir } = settings;
  const alwaysOurs = () => Promise.resolve(true);
  const places = [
    ...rootPlaces(roots),
    { name: 'snapshots', folder: snapshotsDir, isOurs: alwaysOurs },
    { name: 'ring', folder: ringDir, isOurs: alwaysOurs },
  ];
  if (mirrorDir === null) return places;
  const mirror = {
    folder: mirrorDir,
    storeId: store.storeId,
    // Also once the last camera with copies is gone.
    hasCopies: true,
    recordingRoots: roots.all.map(({ path }) => path),
  };
  const isOurs = async () => (await checkMirrorFolder(mirror)) === null;
  return [...places, { name: 'mirror', folder: mirrorDir, isOurs }];
}
