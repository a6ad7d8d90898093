/** Which cameras should be recorded, which are, and what has to change? Touches only what a change concerns. */
import type { Logger } from '@heldar/plugin-sdk';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import type { Camera, CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { MediaTools } from '../media/tools.ts';
import { createInOrder } from '../runtime/in-order.ts';
import { listCameraStatus, readCameraSecrets } from '../store/camera-queries.ts';
import { openOutage } from '../store/gap-queries.ts';
import { lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import { createCameraDuty, type CameraDuty } from './camera-duty.ts';
import { sweepDeletedCameras } from './camera-folder.ts';
import { createCameraStatus } from './camera-status.ts';
import { createEarlierFiles } from './earlier-files.ts';
import type { RecordingRoot } from './folder-identity.ts';
import { createGrowingSync } from './growing-sync.ts';
import type { Indexer } from './indexer.ts';
import { createIntentKeeper } from './intent-keeper.ts';
import { createOutageLog } from './outage-log.ts';
import { whyNoTrigger, type RecordingDecision } from './policy.ts';
import { createRechecks } from './rechecks.ts';
import { ownRoots, type RecordingRoots } from './roots.ts';
import { createTriggerWindows, type TriggerWindow } from './trigger-windows.ts';
import { wantedRecording, type Wanted } from './wanted-recording.ts';

export interface Fleet {
  /** Indexes what an earlier process left, starts the recorders; resolves when all of them are under way. */
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
  trigger(
    cameraId: string,
    firedAt: number,
    options?: {
      readonly knownAt?: number;
      /** The row for the audit log, of the window's end. */
      readonly audit?: (until: number) => NewAudit;
    },
  ): Promise<TriggerWindow>;
  /** Looks for files of that camera which are not indexed. */
  rescan(cameraId: string): Promise<void>;
  /** Cameras that should be recorded now, ascending. */
  wanted(): string[];
  /** Cameras with a recorder, also one that waits for a trigger or for its camera; ascending. */
  supervised(): string[];
}

export interface FleetOptions {
  readonly store: Pick<Store, 'read' | 'keyring' | 'write' | 'storeId'>;
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
  const intents = createIntentKeeper({
    store,
    clock,
    footageNow: () => options.indexer.now(),
    log,
    timeZone,
  });
  const triggers = createTriggerWindows({ store, clock });
  const duties = new Map<string, CameraDuty>();
  const decisions = new Map<string, RecordingDecision>();
  const earlier = createEarlierFiles({ ...options, signal: stopping.signal });
  const order = createInOrder((camera, error) =>
    log.error({ camera, reason: messageOf(error) }, 'the recorder could not be brought in line'),
  );
  const reconcile = (cameraId: string) => order.run(cameraId, () => apply(cameraId));
  const rechecks = createRechecks({
    clock,
    longestMs: checkMs,
    look: (cameraId) => void reconcile(cameraId),
  });
  let isStarted = false;
  const unsubscribe: (() => void)[] = [];

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
    await intents.forget(duty.incarnation);
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

  const apply = async (cameraId: string): Promise<void> => {
    if (stopping.signal.aborted || !isStarted) return;
    const camera = registry.get(cameraId);
    const isSame = duties.get(cameraId)?.incarnation === camera?.incarnation;
    if (!isSame) await dismiss(cameraId);
    if (camera === undefined) {
      decisions.delete(cameraId);
      return rechecks.set(cameraId, null);
    }
    const wanted = decide(camera);
    decisions.set(cameraId, wanted.decision);
    rechecks.set(cameraId, wanted.decision.until);
    const trigger = triggers.last(camera.incarnation);
    const intendedSince = await intents.note(camera, wanted.decision, trigger);
    const known = knownCredentials({ ...camera, ...readCameraSecrets(store, camera.id) });
    const mask = (text: string) => maskText(text, known);
    await dutyOf(camera).follow({ camera, wanted, trigger, intendedSince, mask });
  };

  const rescan = (cameraId: string) =>
    order.run(cameraId, async () => {
      const camera = registry.get(cameraId);
      if (camera === undefined) return;
      // Files must not be closed while the folder is read and compared.
      await duties.get(cameraId)?.stop();
      await earlier.adoptAll(camera);
      await apply(cameraId);
    });

  const startCamera = async (camera: Camera, lastSign: number) => {
    await earlier.takeFromRing(camera, triggers.last(camera.incarnation));
    for (const root of ownRoots(roots)) await earlier.adoptNewer(camera, root);
    await noteKernelStop(camera, lastSign);
    await apply(camera.id);
  };

  /** What was meant to be recorded while no kernel ran, last known to run at `lastSign` (ms since the epoch). */
  const noteDowntime = async (lastSign: number) => {
    for (const camera of registry.list())
      await intents.noteDowntime(camera, triggers.last(camera.incarnation), lastSign);
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
    const root = ownRoots(roots).find((candidate) => candidate.name === name);
    if (roots.fault(name)?.reason === 'full') options.onDiskFull?.();
    if (root !== undefined) await sweepDeletedCameras(root.path, store);
    for (const { id } of registry.list())
      void order.run(id, async () => {
        const camera = registry.get(id);
        if (camera !== undefined && root !== undefined) await takeUp(camera, root);
        await apply(id);
      });
  };
  const takeUp = async (camera: Camera, root: RecordingRoot) => {
    const duty = duties.get(camera.id);
    if (earlier.isOwed(camera) && (camera.recordingsRoot ?? '') === root.name) {
      await duty?.stop();
      await earlier.takeFromRing(camera, triggers.last(camera.incarnation));
    }
    // Files must not be closed while the folder is read and compared.
    if (duty?.recorder()?.root !== root.name) await earlier.adoptNewer(camera, root);
  };

  const decided = (...what: RecordingDecision['do'][]) =>
    [...decisions].flatMap(([id, decision]) => (what.includes(decision.do) ? [id] : [])).sort();

  return {
    async start(signal) {
      const lastSign = Math.max(0, ...listCameraStatus(store.read).map(({ updatedAt }) => updatedAt));
      if (options.enabled) await noteDowntime(lastSign);
      signal?.throwIfAborted();
      isStarted = true;
      unsubscribe.push(registry.onChange((cameraId) => void reconcile(cameraId)));
      unsubscribe.push(
        roots.onChange((root) => {
          rootChanged(root).catch((error: unknown) => {
            log.error({ root, reason: messageOf(error) }, 'a recordings root could not be brought in line');
          });
        }),
      );
      for (const { path } of ownRoots(roots)) await sweepDeletedCameras(path, store);
      await sweepDeletedCameras(options.ringDir, store);
      await Promise.all(
        registry.list().map((camera) => order.run(camera.id, () => startCamera(camera, lastSign))),
      );
    },
    async stop() {
      for (const end of unsubscribe) end();
      stopping.abort();
      await order.settled();
      rechecks.cancelAll();
      await Promise.all([...duties.values()].map((duty) => duty.end()));
      await earlier.settled();
    },
    reconcile,
    async trigger(cameraId, firedAt, { knownAt = clock.now(), audit } = {}) {
      const camera = registry.get(cameraId);
      if (camera === undefined) throw new HeldarError('not_found', `camera ${cameraId} not found`);
      const reason = whyNoTrigger({ camera, recorderEnabled: options.enabled });
      if (reason !== null)
        throw new HeldarError('bad_request', `a trigger does not have ${cameraId} recorded: ${reason}`);
      const rollMs = Math.max(camera.postRollSeconds * 1000, shortestTriggerMs);
      const endsInMs = Math.max(0, knownAt + rollMs - clock.now());
      const window = await triggers.fire(camera.incarnation, firedAt, endsInMs, audit);
      void reconcile(cameraId);
      return window;
    },
    rescan,
    wanted: () => decided('record'),
    supervised: () => decided('record', 'arm'),
  };
}
