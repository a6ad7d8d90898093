/** Which cameras should be recorded, which are, and what has to change? Touches only what a change concerns. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { MediaTools } from '../media/tools.ts';
import { listCameraStatus, readCameraSecrets } from '../store/camera-queries.ts';
import { lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { sweepDeletedCameras } from './camera-folder.ts';
import { startCameraRecorder, type CameraRecorder } from './camera-recorder.ts';
import { createCameraStatus, type CameraStatus } from './camera-status.ts';
import type { RecordingRoot } from './folder-identity.ts';
import type { Indexer } from './indexer.ts';
import { adoptNamedFiles, adoptOpenFiles, scanFolder, splitAtNewest } from './leftovers.ts';
import { endOrphans } from './orphans.ts';
import { createOutageLog, type OutageLog } from './outage-log.ts';
import type { RecordingRoots } from './roots.ts';
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
  /** Started before the fleet, stopped after it. */
  readonly roots: RecordingRoots;
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
  const { store, registry, clock, log, roots } = options;
  const recorders = new Map<string, CameraRecorder>();
  /** By incarnation. */
  const statuses = new Map<number, CameraStatus>();
  /** By incarnation. */
  const outageLogs = new Map<number, OutageLog>();
  /** Recording wanted since, wall clock ms, by incarnation. */
  const intended = new Map<number, number>();
  /** Changes of one camera happen one after another. */
  const chains = new Map<string, Promise<void>>();
  const stopping = new AbortController();
  let background: Promise<unknown> = Promise.resolve();
  let isStarted = false;
  const unsubscribe: (() => void)[] = [];

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

  const outagesOf = ({ incarnation }: Pick<Camera, 'incarnation'>): OutageLog => {
    const outages = outageLogs.get(incarnation) ?? createOutageLog({ incarnation, store, log });
    outageLogs.set(incarnation, outages);
    return outages;
  };

  const stopRecorder = async (cameraId: string) => {
    const running = recorders.get(cameraId);
    if (running === undefined) return;
    await running.stop();
    recorders.delete(cameraId);
    if (registry.incarnation(cameraId) === running.camera.incarnation) return;
    statuses.delete(running.camera.incarnation);
    outageLogs.delete(running.camera.incarnation);
    intended.delete(running.camera.incarnation);
  };

  const apply = async (cameraId: string): Promise<void> => {
    if (stopping.signal.aborted || !isStarted) return;
    const camera = registry.get(cameraId);
    if (camera === undefined) return await stopRecorder(cameraId);
    const wanted = wantedRecording(store, camera, options.enabled, roots);
    const running = recorders.get(cameraId);
    const isRight =
      wanted.record &&
      running?.camera.incarnation === camera.incarnation &&
      sameSpec(running.spec, wanted.spec);
    if (isRight) return;
    await stopRecorder(cameraId);
    const status = statusOf(camera);
    if (!wanted.record) {
      outagesOf(camera).begin(clock.now(), wanted.cause);
      // A disk that fails ends no intent.
      if (wanted.state === 'disabled') intended.delete(camera.incarnation);
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
        rootPath: roots.pathOf(wanted.spec.root) ?? '',
        rootFault: async () => (await roots.check(wanted.spec.root)).fault,
        intendedSince,
        status,
        outages: outagesOf(camera),
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
      for (const scan of await scanRoots(camera)) {
        await adoptOpenFiles(options.indexer, scan);
        await adoptNamedFiles(options.indexer, store, scan);
      }
      if (isRecording) await apply(cameraId);
    });

  /** Only what is ours may be adopted. */
  const ownRoots = () => roots.all.filter(({ name }) => roots.identity(name) === 'ours');
  const scanRoots = (camera: Camera) => Promise.all(ownRoots().map((root) => scanFolder(camera, root)));

  /** Adopts what a crash left, so that no gap is seen where footage lies; what is older than the index's newest follows while it is recorded. */
  const adopt = async (camera: Camera, root: RecordingRoot) => {
    const scan = await scanFolder(camera, root);
    const { newer, older } = splitAtNewest(store, scan);
    await adoptOpenFiles(options.indexer, scan);
    await adoptNamedFiles(options.indexer, store, newer);
    background = background.then(() =>
      adoptNamedFiles(options.indexer, store, older, stopping.signal).catch((error: unknown) => {
        log.error({ camera: camera.id, reason: messageOf(error) }, 'the folder could not be scanned');
      }),
    );
  };

  const startCamera = async (camera: Camera) => {
    for (const root of ownRoots()) await adopt(camera, root);
    await noteKernelStop(camera);
    await apply(camera.id);
  };

  /** Since its last footage nobody recorded it, unless another reason is on record. */
  const noteKernelStop = async ({ id, incarnation }: Camera) => {
    const at = lastSegment(store.read, id, Number.MAX_SAFE_INTEGER)?.endTime;
    if (at !== undefined)
      await store.write('outages.begin', { incarnation, at, cause: 'kernel_stopped', unlessOpen: true });
  };

  /** One that came back may hold what was not indexed before it went. */
  const rootChanged = async (name: string) => {
    const root = ownRoots().find((candidate) => candidate.name === name);
    if (root !== undefined) await sweepDeletedCameras(root.path, store);
    for (const camera of registry.list())
      void inOrder(camera.id, async () => {
        // Files must not be closed while the folder is read and compared.
        const isClosing = recorders.get(camera.id)?.spec.root === name;
        if (root !== undefined && !isClosing) await adopt(camera, root);
        await apply(camera.id);
      });
  };

  return {
    async start(signal) {
      const orphans = await endOrphans({ marker: options.marker, clock });
      if (orphans.ended.length > 0)
        log.warn({ pids: orphans.ended }, 'ended media processes that an earlier kernel left behind');
      for (const row of listCameraStatus(store.read)) {
        const incarnation = registry.incarnation(row.cameraId);
        // What was recorded before the kernel ended was meant to go on.
        if (incarnation !== undefined && row.state !== 'disabled' && row.lastSegmentAt !== null)
          intended.set(incarnation, row.lastSegmentAt);
      }
      signal?.throwIfAborted();
      isStarted = true;
      unsubscribe.push(registry.onChange((cameraId) => void inOrder(cameraId, () => apply(cameraId))));
      unsubscribe.push(
        roots.onChange((root) => {
          rootChanged(root).catch((error: unknown) => {
            log.error({ root, reason: messageOf(error) }, 'a recordings root could not be brought in line');
          });
        }),
      );
      for (const { name, path } of roots.all)
        if (roots.identity(name) === 'ours') await sweepDeletedCameras(path, store);
      await Promise.all(registry.list().map((camera) => inOrder(camera.id, () => startCamera(camera))));
    },
    async stop() {
      for (const end of unsubscribe) end();
      stopping.abort();
      await Promise.all(chains.values());
      await Promise.all(
        [...recorders].map(async ([cameraId, { camera }]) => {
          await stopRecorder(cameraId);
          outageLogs.get(camera.incarnation)?.begin(clock.now(), 'kernel_stopped');
          await statuses.get(camera.incarnation)?.stopped();
        }),
      );
      await Promise.all([...outageLogs.values()].map((outages) => outages.settled()));
      await background;
    },
    reconcile: (cameraId) => inOrder(cameraId, () => apply(cameraId)),
    rescan,
    recording: () => [...recorders.keys()].sort(),
  };
}
