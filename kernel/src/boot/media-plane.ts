/** What records, samples and keeps pictures: the media side of the kernel, built in its order. */
import { createHash } from 'node:crypto';
import type { CameraPlace } from '../cameras/camera-places.ts';
import { createCameraRemoval, type CameraRemoval } from '../cameras/remove-camera.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { KernelLog } from '../log.ts';
import { createEvidence, type Evidence } from '../media/evidence.ts';
import { createSamplers, type Samplers } from '../media/samplers.ts';
import type { MediaTools } from '../media/tools.ts';
import { checkMirrorFolder } from '../mirror/mirror-folder.ts';
import { createMirrors, type Mirrors } from '../mirror/mirrors.ts';
import { checkFolder } from '../recording/folder-identity.ts';
import { createFleet, type Fleet } from '../recording/fleet.ts';
import { createIndexer } from '../recording/indexer.ts';
import { createRetention, type Retention } from '../recording/retention.ts';
import { createSnapshotScheduler, type SnapshotScheduler } from '../snapshots/scheduler.ts';
import { takeOf } from '../snapshots/take.ts';
import { segmentTotalsOf } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';

export interface MediaPlane {
  readonly fleet: Fleet;
  readonly samplers: Samplers;
  readonly evidence: Evidence;
  readonly retention: Retention;
  readonly removal: CameraRemoval;
  readonly mirrors: Mirrors;
  readonly snapshots: SnapshotScheduler;
  /** Marks child processes; the same after a restart, and no other kernel's. */
  readonly marker: string;
}

const gib = 2 ** 30;

export function createMediaPlane(options: {
  store: Store;
  registry: CameraRegistry;
  settings: Settings;
  tools: MediaTools;
  clock: Clock;
  random: () => number;
  log: KernelLog;
}): MediaPlane {
  const { store, registry, settings, tools, clock, random } = options;
  const { recordingsDir, snapshotsDir } = settings;
  const marker = createHash('sha256').update(settings.dataDir).digest('hex').slice(0, 16);
  const recorderLog = options.log.part('recorder');
  const indexer = createIndexer({ store, clock, recordingsDir, log: recorderLog });
  const retention = createRetention({
    store,
    registry,
    clock,
    recordingsDir,
    intervalMs: settings.retention.intervalSeconds * 1000,
    maxRecordingsBytes: settings.retention.maxRecordingsGb * gib,
    minFreeBytes: settings.retention.minFreeDiskGb * gib,
    log: options.log.part('retention'),
  });
  const fleet = createFleet({
    store,
    registry,
    indexer,
    tools,
    clock,
    random,
    recordingsDir,
    marker,
    enabled: settings.recorder.enabled,
    log: recorderLog,
    onDiskFull: () => void retention.sweep().catch(() => undefined),
  });
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
    rootFolders: new Map([['', recordingsDir]]),
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
    places: placesOfCameras(store, settings),
    garbageFolders: { snapshot: snapshotsDir },
    writers: [mirrors, snapshots],
    log: options.log.part('cameras'),
  });
  return { fleet, samplers, evidence, retention, removal, mirrors, snapshots, marker };
}

/** Every folder that holds one a camera. */
function placesOfCameras(store: Store, settings: Settings): CameraPlace[] {
  const { recordingsDir, snapshotsDir, mirrorDir } = settings;
  const recordings: CameraPlace = {
    name: 'recordings',
    folder: recordingsDir,
    async isOurs() {
      const hasSegments = segmentTotalsOf(store.read, '').segmentCount > 0;
      return (await checkFolder(recordingsDir, store.storeId, hasSegments)) === 'ours';
    },
  };
  const snapshots: CameraPlace = {
    name: 'snapshots',
    folder: snapshotsDir,
    isOurs: () => Promise.resolve(true),
  };
  if (mirrorDir === null) return [recordings, snapshots];
  const mirror = {
    folder: mirrorDir,
    storeId: store.storeId,
    // Also once the last camera with copies is gone.
    hasCopies: true,
    recordingRoots: [recordingsDir],
  };
  const isOurs = async () => (await checkMirrorFolder(mirror)) === null;
  return [recordings, snapshots, { name: 'mirror', folder: mirrorDir, isOurs }];
}
