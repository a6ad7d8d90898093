/** Which cameras should be recorded, which are, and what has to change? Touches only what a change concerns. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { MediaTools } from '../media/tools.ts';
import { listCameraStatus, readCameraSecrets } from '../store/camera-queries.ts';
import { segmentTotalsOf } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { sweepDeletedCameras } from './camera-folder.ts';
import { startCameraRecorder, type CameraRecorder } from './camera-recorder.ts';
import { createCameraStatus, type CameraStatus } from './camera-status.ts';
import { checkFolder } from './folder-identity.ts';
import type { Indexer } from './indexer.ts';
import { adoptNamedFiles, adoptOpenFiles, listFolder } from './leftovers.ts';
import { endOrphans } from './orphans.ts';
import { sameSpec, wantedRecording } from './wanted-recording.ts';

export interface Fleet {
  /** Ends orphans, indexes what an earlier process left, starts the recorders; resolves when all of them are under way. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends all recordings cleanly and indexes them. */
  stop(): Promise<void>;
  /** Brings one camera's recorder in line with its row; resolves when that is done. */
  reconcile(cameraId: string): Promise<void>;
  /** Looks for files of that camera which are not indexed. */
  rescan(cameraId: string): Promise<void>;
  /** Cameras with a recorder, ascending. */
  recording(): string[];
}

export interface FleetOptions {
  readonly store: Pick<Store, 'read' | 'write' | 'storeId'>;
  readonly registry: CameraRegistry;
  readonly indexer: Indexer;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly random: () => number;
  /** Absolute. */
  readonly recordingsDir: string;
  /** The recorder's master switch. */
  readonly enabled: boolean;
  /** Marks child processes; the same after a restart, and no other kernel's. */
  readonly marker: string;
  readonly log: Logger;
  readonly onDiskFull?: () => void;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

export function createFleet(options: FleetOptions): Fleet {
  const { store, registry, clock, log } = options;
  const recorders = new Map<string, CameraRecorder>();
  /** By incarnation. */
  const statuses = new Map<number, CameraStatus>();
  /** Recording wanted since, wall clock ms, by incarnation. */
  const intended = new Map<number, number>();
  /** Changes of one camera happen one after another. */
  const chains = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let background: Promise<unknown> = Promise.resolve();
  let isStarted = false;
  let unsubscribe: (() => void) | null = null;

  const inOrder = (cameraId: string, work: () => Promise<void>): Promise<void> => {
    const done = (chains.get(cameraId) ?? Promise.resolve()).then(work).catch((error: unknown) => {
      log.error({ camera: cameraId, reason: messageOf(error) }, 'the recorder could not be brought in line');
    });
    chains.set(cameraId, done);
    void done.then(() => chains.get(cameraId) === done && chains.delete(cameraId));
    return done;
  };

  const statusOf = (camera: Camera): CameraStatus => {
    const status = statuses.get(camera.incarnation) ?? createCameraStatus({ camera, store, clock, log });
    statuses.set(camera.incarnation, status);
    return status;
  };

  const stopRecorder = async (cameraId: string) => {
    const running = recorders.get(cameraId);
    if (running === undefined) return;
    await running.stop();
    recorders.delete(cameraId);
    if (registry.incarnation(cameraId) === running.camera.incarnation) return;
    statuses.delete(running.camera.incarnation);
    intended.delete(running.camera.incarnation);
  };

  const apply = async (cameraId: string): Promise<void> => {
    if (stopping.signal.aborted || !isStarted) return;
    const camera = registry.get(cameraId);
    if (camera === undefined) return await stopRecorder(cameraId);
    const wanted = wantedRecording(store, camera, options.enabled);
    const running = recorders.get(cameraId);
    const isRight =
      wanted.record &&
      running?.camera.incarnation === camera.incarnation &&
      sameSpec(running.spec, wanted.spec);
    if (isRight) return;
    await stopRecorder(cameraId);
    const status = statusOf(camera);
    if (!wanted.record) {
      intended.delete(camera.incarnation);
      if (wanted.state === 'error') await status.failed(wanted.detail);
      else await status.disabled(wanted.detail);
      return;
    }
    const intendedSince = intended.get(camera.incarnation) ?? clock.now();
    intended.set(camera.incarnation, intendedSince);
    const known = knownCredentials({ ...camera, ...readCameraSecrets(store.read, camera.id) });
    recorders.set(
      cameraId,
      startCameraRecorder({
        ...options,
        camera,
        spec: wanted.spec,
        intendedSince,
        status,
        mask: (text) => maskText(text, known),
        allowFiles: options.allowFiles ?? false,
        onDiskFull: options.onDiskFull ?? (() => {}),
      }),
    );
  };

  const rescan = (cameraId: string) =>
    inOrder(cameraId, async () => {
      const camera = registry.get(cameraId);
      if (camera === undefined) return;
      const isRecording = recorders.has(cameraId);
      // Files must not be closed while the folder is read and compared.
      await stopRecorder(cameraId);
      const folder = join(options.recordingsDir, cameraId);
      const names = await listFolder(folder);
      await adoptOpenFiles(options.indexer, folder, names, camera, () => false);
      await adoptNamedFiles(options.indexer, store, names, camera);
      if (isRecording) await apply(cameraId);
    });

  const startCamera = async (camera: Camera) => {
    const folder = join(options.recordingsDir, camera.id);
    const names = await listFolder(folder);
    await adoptOpenFiles(options.indexer, folder, names, camera, () => false);
    await apply(camera.id);
    background = background.then(() =>
      adoptNamedFiles(options.indexer, store, names, camera, stopping.signal).catch((error: unknown) => {
        log.error({ camera: camera.id, reason: messageOf(error) }, 'the folder could not be scanned');
      }),
    );
  };

  return {
    async start(signal) {
      const orphans = await endOrphans({ marker: options.marker, clock });
      if (orphans.ended.length > 0)
        log.warn({ pids: orphans.ended }, 'ended media processes that an earlier kernel left behind');
      const hasSegments = segmentTotalsOf(store.read, '').segmentCount > 0;
      const identity = await checkFolder(options.recordingsDir, store.storeId, hasSegments);
      for (const row of listCameraStatus(store.read)) {
        const incarnation = registry.incarnation(row.cameraId);
        // What was recorded before the kernel ended was meant to go on.
        if (incarnation !== undefined && row.state !== 'disabled' && row.lastSegmentAt !== null)
          intended.set(incarnation, row.lastSegmentAt);
      }
      signal?.throwIfAborted();
      isStarted = true;
      unsubscribe = registry.onChange((cameraId) => void inOrder(cameraId, () => apply(cameraId)));
      if (identity !== 'ours') {
        log.error(
          { folder: options.recordingsDir, identity },
          'the recordings folder is not the one the index describes; nothing in it is adopted or deleted',
        );
        await Promise.all(registry.list().map((camera) => inOrder(camera.id, () => apply(camera.id))));
        return;
      }
      await sweepDeletedCameras(options.recordingsDir, store);
      await Promise.all(registry.list().map((camera) => inOrder(camera.id, () => startCamera(camera))));
    },
    async stop() {
      unsubscribe?.();
      stopping.abort();
      await Promise.all(chains.values());
      await Promise.all(
        [...recorders].map(async ([cameraId, { camera }]) => {
          await stopRecorder(cameraId);
          await statuses.get(camera.incarnation)?.stopped();
        }),
      );
      await background;
    },
    reconcile: (cameraId) => inOrder(cameraId, () => apply(cameraId)),
    rescan,
    recording: () => [...recorders.keys()].sort(),
  };
}
