/** Which cameras should be recorded, which are, and what has to change? Touches only what a change concerns. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { MediaTools } from '../media/tools.ts';
import { listCameraStatus, readCameraSecrets } from '../store/camera-queries.ts';
import { openOutage } from '../store/gap-queries.ts';
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
import { whyNoTrigger, type RecordingDecision } from './policy.ts';
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
  /** Cameras with a recorder, also one that waits for its camera or for a trigger; ascending. */
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
  const intents = createIntentKeeper({ store, clock, indexer: options.indexer, log, timeZone });
  const triggers = createTriggerWindows({ store, clock });
  const duties = new Map<string, CameraDuty>();
  const decisions = new Map<string, RecordingDecision>();
  /** Until a decision may be another one, by camera. */
  const timers = new Map<string, () => void>();
  /** Changes of one camera happen one after another. */
  const chains = new Map<string, Promise<void>>();
  /** Cameras with footage of an earlier process in their ring that their root could not take yet. */
  const owed = new Set<string>();
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
      outages: createOutageLog({ incarnation: camera.incarnation, store, log }),
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
      decisions.delete(cameraId);
      return lookAgain(cameraId, null);
    }
    const wanted = decide(camera);
    decisions.set(cameraId, wanted.decision);
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

  /** Only what is ours may be adopted. */
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

  /** What an earlier process left there of a trigger goes to the recordings, or waits until their root takes it. */
  const empty = async (camera: Camera) => {
    const root = camera.recordingsRoot ?? '';
    const { fault } = await roots.check(root);
    const path = fault === null ? roots.pathOf(root) : undefined;
    const trigger = triggers.last(camera.incarnation);
    const kept =
      trigger === null
        ? null
        : { from: trigger.firedAt - camera.preRollSeconds * 1000, until: trigger.until };
    const destination = path === undefined ? null : join(path, camera.id);
    const { left } = await emptyRing({ folder: join(options.ringDir, camera.id), destination, kept });
    if (left > 0) owed.add(camera.id);
    else owed.delete(camera.id);
  };

  const startCamera = async (camera: Camera, lastSign: number) => {
    await empty(camera);
    for (const root of ownRoots()) await adopt(camera, root);
    await noteKernelStop(camera, lastSign);
    await apply(camera.id);
  };

  /**
   * Nobody recorded it since its last footage, or since a kernel was last known to run (`lastSign`, ms since the epoch) when nobody asked
   * for it then; unless another reason is on record.
   */
  const noteKernelStop = async ({ id, incarnation }: Camera, lastSign: number) => {
    const open = openOutage(store.read, incarnation);
    const at =
      open?.cause === 'not_wanted' ? lastSign : lastSegment(store.read, id, Number.MAX_SAFE_INTEGER)?.endTime;
    if (at === undefined || (open !== undefined && open.cause !== 'not_wanted')) return;
    await store.write('outages.begin', { incarnation, at, cause: 'kernel_stopped' });
  };

  /** One that came back may hold what was not indexed before it went. */
  const rootChanged = async (name: string) => {
    const root = ownRoots().find((candidate) => candidate.name === name);
    if (roots.fault(name)?.reason === 'full') options.onDiskFull?.();
    if (root !== undefined) await sweepDeletedCameras(root.path, store);
    for (const { id } of registry.list())
      void inOrder(id, async () => {
        const camera = registry.get(id);
        if (camera === undefined) return;
        if (root !== undefined) await takeUp(camera, root);
        await apply(id);
      });
  };
  const takeUp = async (camera: Camera, root: RecordingRoot) => {
    const duty = duties.get(camera.id);
    if (owed.has(camera.id) && (camera.recordingsRoot ?? '') === root.name) {
      await duty?.stop();
      await empty(camera);
    }
    // Files must not be closed while the folder is read and compared.
    if (duty?.recorder()?.root !== root.name) await adopt(camera, root);
  };

  return {
    async start(signal) {
      const orphans = await endOrphans({ marker: options.marker, clock });
      if (orphans.ended.length > 0)
        log.warn({ pids: orphans.ended }, 'ended media processes that an earlier kernel left behind');
      const lastSign = Math.max(0, ...listCameraStatus(store.read).map(({ updatedAt }) => updatedAt));
      if (options.enabled) await noteDowntime(lastSign);
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
      await sweepDeletedCameras(options.ringDir, store);
      await Promise.all(
        registry.list().map((camera) => inOrder(camera.id, () => startCamera(camera, lastSign))),
      );
    },
    async stop() {
      for (const end of unsubscribe) end();
      stopping.abort();
      for (const cancel of timers.values()) cancel();
      await Promise.all(chains.values());
      await Promise.all([...duties.values()].map((duty) => duty.end()));
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
    wanted: () => [...decisions].flatMap(([id, decision]) => (decision.do === 'record' ? [id] : [])).sort(),
    recording: () => [...decisions.keys()].filter(hasRecorder).sort(),
  };

  /** Without a pre-roll nothing runs while it waits for a trigger. */
  function hasRecorder(cameraId: string): boolean {
    return duties.get(cameraId)?.recorder() != null || decisions.get(cameraId)?.do === 'arm';
  }

  /** What was meant to be recorded while no kernel ran, last known to run at `lastSign` (ms since the epoch). */
  async function noteDowntime(lastSign: number): Promise<void> {
    for (const camera of registry.list())
      await intents.noteDowntime(camera, triggers.last(camera.incarnation), lastSign);
  }
}
