/** Which cameras should be recorded, which are, and what has to change? Touches only what a change concerns. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { MediaTools } from '../media/tools.ts';
import { listCameraStatus, readCameraSecrets } from '../store/camera-queries.ts';
import { lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { createCameraDuty, type CameraDuty } from './camera-duty.ts';
import { sweepDeletedCameras } from './camera-folder.ts';
import { createCameraStatus } from './camera-status.ts';
import type { RecordingRoot } from './folder-identity.ts';
import { createGrowingSync } from './growing-sync.ts';
import type { Indexer } from './indexer.ts';
import { createIntentKeeper } from './intent-keeper.ts';
import { adoptNamedFiles, adoptOpenFiles, scanFolder, splitAtNewest } from './leftovers.ts';
import { endOrphans } from './orphans.ts';
import { createOutageLog } from './outage-log.ts';
import { whyNoTrigger } from './policy.ts';
import { emptyRing } from './ring-leftovers.ts';
import type { RecordingRoots } from './roots.ts';
import { createTriggerWindows, type TriggerWindow } from './trigger-windows.ts';
import { wantedRecording, type Wanted } from './wanted-recording.ts';

export interface Fleet {
  /** Ends orphans, indexes what an earlier process left, starts the recorders; resolves when all of them are under way. */
  start(signal?: AbortSignal): Promise<void>;
  /** Ends all recordings cleanly and indexes them. */
  stop(): Promise<void>;
  /** Brings one camera's recorder in line with its row, its windows and its triggers; resolves when that is done. */
  reconcile(cameraId: string): Promise<void>;
  /**
   * Has a camera recorded from its pre-roll before `firedAt` on to its post-roll after `knownAt`, or longer where an earlier trigger says so.
   * Both ms since the epoch, `knownAt` not in the future; default now.
   * @throws HeldarError `not_found`, or `bad_request` when triggers do not apply to it, with the reason.
   */
  trigger(cameraId: string, firedAt: number, knownAt?: number): Promise<TriggerWindow>;
  /** Looks for files of that camera which are not indexed. */
  rescan(cameraId: string): Promise<void>;
  /** Cameras that should be recorded now, ascending. */
  wanted(): string[];
  /** Cameras with a recorder, also one that waits for a trigger or for its camera; ascending. */
  supervised(): string[];
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
  /** What armed cameras keep from before a trigger; absolute. */
  readonly ringDir: string;
  /** The recorder's master switch. */
  readonly enabled: boolean;
  /** How long at most until it is looked again whether a window is open, ms. */
  readonly checkMs: number;
  /** IANA name of the zone of windows of cameras that have none; default the system's. */
  readonly timeZone?: string;
  /** Marks child processes; the same after a restart, and no other kernel's. */
  readonly marker: string;
  readonly log: Logger;
  readonly onDiskFull?: () => void;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

/** A trigger records for this long at least, ms, so that its pre-roll has something to end with. */
const shortestTriggerMs = 1000;

export function createFleet(options: FleetOptions): Fleet {
  const { store, registry, clock, log, roots, checkMs } = options;
  const timeZone = options.timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone;
  const stopping = new AbortController();
  const sync = createGrowingSync({ clock, log, signal: stopping.signal });
  const intents = createIntentKeeper({ store, clock, log, timeZone });
  const triggers = createTriggerWindows({ store, clock });
  const duties = new Map<string, CameraDuty>();
  const wantedNow = new Set<string>();
  const supervisedNow = new Set<string>();
  /** Until a decision may be another one, by camera. */
  const timers = new Map<string, () => void>();
  /** Changes of one camera happen one after another. */
  const chains = new Map<string, Promise<void>>();
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

  const dutyOf = (camera: Camera): CameraDuty => {
    const known = duties.get(camera.id);
    if (known !== undefined) return known;
    const duty = createCameraDuty({
      ...options,
      camera,
      sync,
      status: createCameraStatus({ camera, store, clock, log }),
      outages: createOutageLog({
        incarnation: camera.incarnation,
        store,
        now: () => options.indexer.now(),
        log,
      }),
      allowFiles: options.allowFiles ?? false,
      onDiskFull: options.onDiskFull ?? (() => {}),
    });
    duties.set(camera.id, duty);
    return duty;
  };

  /** The life of that camera id is over. */
  const dismiss = async (cameraId: string) => {
    const duty = duties.get(cameraId);
    if (duty === undefined) return;
    await duty.stop();
    duties.delete(cameraId);
    triggers.forget(duty.incarnation);
  };

  const decide = (camera: Camera): Wanted => {
    const now = clock.now();
    const open = triggers.open(camera.incarnation);
    const triggeredUntil = open === null ? null : now + open.endsAtMonotonic - clock.monotonic();
    return wantedRecording({
      store,
      camera,
      recorderEnabled: options.enabled,
      timeZone,
      now,
      triggeredUntil,
      roots,
    });
  };

  /** Also when the clock is set, it is soon looked again. */
  const lookAgain = (cameraId: string, until: number | null) => {
    timers.get(cameraId)?.();
    timers.delete(cameraId);
    if (until === null) return;
    const waitMs = Math.min(Math.max(0, Math.ceil(until - clock.now())), checkMs);
    timers.set(
      cameraId,
      clock.after(waitMs, () => void inOrder(cameraId, () => apply(cameraId))),
    );
  };

  const apply = async (cameraId: string): Promise<void> => {
    if (stopping.signal.aborted || !isStarted) return;
    const camera = registry.get(cameraId);
    const isSame = duties.get(cameraId)?.incarnation === camera?.incarnation;
    if (!isSame) await dismiss(cameraId);
    if (camera === undefined) {
      wantedNow.delete(cameraId);
      supervisedNow.delete(cameraId);
      return lookAgain(cameraId, null);
    }
    const wanted = decide(camera);
    if (wanted.decision.do === 'record') wantedNow.add(cameraId);
    else wantedNow.delete(cameraId);
    if (wanted.decision.do === 'record' || wanted.decision.do === 'arm') supervisedNow.add(cameraId);
    else supervisedNow.delete(cameraId);
    lookAgain(cameraId, wanted.decision.until);
    const trigger = triggers.last(camera.incarnation);
    const intendedSince = await intents.note(camera, wanted.decision, trigger);
    const known = knownCredentials({ ...camera, ...readCameraSecrets(store.read, camera.id) });
    const mask = (text: string) => maskText(text, known);
    await dutyOf(camera).follow({ camera, wanted, trigger, intendedSince, mask });
  };

  const rescan = (cameraId: string) =>
    inOrder(cameraId, async () => {
      const camera = registry.get(cameraId);
      if (camera === undefined) return;
      // Files must not be closed while the folder is read and compared.
      await duties.get(cameraId)?.stop();
      for (const root of ownRoots()) {
        const scan = await scanFolder(camera, root);
        await adoptOpenFiles(options.indexer, scan);
        await adoptNamedFiles(options.indexer, store, scan);
      }
      await apply(cameraId);
    });

  /** Only in these may files be deleted and adopted. */
  const ownRoots = () => roots.all.filter(({ name }) => roots.identity(name) === 'ours');

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

  /** What an earlier process left in the ring of a trigger's recording goes among the recordings, once these are there. */
  const takeFromRing = async (camera: Camera) => {
    const root = ownRoots().find(({ name }) => name === (camera.recordingsRoot ?? ''));
    if (root === undefined) return;
    const trigger = triggers.last(camera.incarnation);
    const kept =
      trigger === null
        ? null
        : { from: trigger.firedAt - camera.preRollSeconds * 1000, until: trigger.until };
    const folder = join(options.ringDir, camera.id);
    await emptyRing({ folder, destination: join(root.path, camera.id), kept });
  };

  const startCamera = async (camera: Camera) => {
    await takeFromRing(camera);
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
    if (roots.fault(name)?.reason === 'full') options.onDiskFull?.();
    if (root !== undefined) await sweepDeletedCameras(root.path, store);
    for (const camera of registry.list())
      void inOrder(camera.id, async () => {
        const inUse = duties.get(camera.id)?.rootInUse() ?? null;
        if (root !== undefined && inUse === null) await takeFromRing(camera);
        // Files must not be closed while the folder is read and compared.
        if (root !== undefined && inUse !== name) await adopt(camera, root);
        await apply(camera.id);
      });
  };

  return {
    async start(signal) {
      const orphans = await endOrphans({ marker: options.marker, clock });
      if (orphans.ended.length > 0)
        log.warn({ pids: orphans.ended }, 'ended media processes that an earlier kernel left behind');
      if (options.enabled) await noteDowntime();
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
      for (const { path } of ownRoots()) await sweepDeletedCameras(path, store);
      await Promise.all(registry.list().map((camera) => inOrder(camera.id, () => startCamera(camera))));
    },
    async stop() {
      for (const end of unsubscribe) end();
      stopping.abort();
      for (const cancel of timers.values()) cancel();
      await Promise.all(chains.values());
      await Promise.all(
        [...duties.values()].map(async (duty) => {
          if (!duty.isRunning()) return;
          await duty.stop();
          duty.outages.begin('kernel_stopped');
          await duty.status.stopped();
        }),
      );
      await Promise.all([...duties.values()].map(({ outages }) => outages.settled()));
      await background;
    },
    reconcile: (cameraId) => inOrder(cameraId, () => apply(cameraId)),
    async trigger(cameraId, firedAt, knownAt = clock.now()) {
      const camera = registry.get(cameraId);
      if (camera === undefined) throw new HeldarError('not_found', `camera ${cameraId} not found`);
      const reason = whyNoTrigger({ camera, recorderEnabled: options.enabled });
      if (reason !== null)
        throw new HeldarError('bad_request', `a trigger does not have ${cameraId} recorded: ${reason}`);
      const rollMs = Math.max(camera.postRollSeconds * 1000, shortestTriggerMs);
      const endsInMs = Math.max(0, knownAt + rollMs - clock.now());
      const window = await triggers.fire(camera.incarnation, firedAt, endsInMs);
      void inOrder(cameraId, () => apply(cameraId));
      return window;
    },
    rescan,
    wanted: () => [...wantedNow].sort(),
    supervised: () => [...supervisedNow].sort(),
  };

  /** What was meant to be recorded while no kernel ran. */
  async function noteDowntime(): Promise<void> {
    const lastSign = Math.max(0, ...listCameraStatus(store.read).map(({ updatedAt }) => updatedAt));
    for (const camera of registry.list())
      await intents.noteDowntime(camera, triggers.last(camera.incarnation), lastSign);
  }
}
