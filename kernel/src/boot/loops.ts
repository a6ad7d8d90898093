/** What starts last and goes on until the kernel stops: recorders, samplers, retention. */
import { mkdirSync } from 'node:fs';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import { createLogRetention } from '../detections/retention.ts';
import { HeldarError, messageOf } from '../errors.ts';
import type { KernelLog } from '../log.ts';
import type { Lifecycle } from '../runtime/lifecycle.ts';
import { startLoop } from '../runtime/loop.ts';
import { endOrphans } from '../recording/orphans.ts';
import { namedRoots } from '../recording/root-settings.ts';
import { createLogQueries } from '../store/log-queries.ts';
import type { Store } from '../store/store.ts';
import type { MediaPlane } from './media-plane.ts';

/** @throws HeldarError `config_invalid` when the ring, where files are deleted freely, lies among the recordings. */
export function prepareFolders(settings: Settings): void {
  const { dataDir, recordingsDir, ringDir, snapshotsDir, clipsDir } = settings;
  for (const root of [recordingsDir, ...namedRoots(settings.recorder.roots).map(({ path }) => path)])
    if (`${ringDir}/`.startsWith(`${root}/`))
      throw new HeldarError(
        'config_invalid',
        `HELDAR_RING_DIR (${ringDir}) lies among the recordings (${root}); choose a folder outside of it`,
      );
  for (const folder of [dataDir, recordingsDir, ringDir, snapshotsDir, clipsDir])
    mkdirSync(folder, { recursive: true });
}

/** Before the kernel starts a process of its own, on its own account or because somebody asks for a picture. */
export async function endLeftProcesses(
  { marker }: Pick<MediaPlane, 'marker'>,
  log: KernelLog,
): Promise<void> {
  const { ended } = await endOrphans(marker);
  if (ended.length > 0)
    log.part('recorder').warn({ pids: ended }, 'ended media processes that an earlier kernel left behind');
}

export async function startMedia(media: MediaPlane, lifecycle: Lifecycle): Promise<void> {
  await media.leases.endForeign();
  await media.evidence.start();
  lifecycle.onStop('evidence', () => media.evidence.stop());
  media.samplers.start();
  lifecycle.onStop('samplers', () => media.samplers.stop());
  lifecycle.onStop('recording roots', () => media.roots.stop());
  await media.roots.start();
  lifecycle.onStop('recorders', () => media.fleet.stop());
  lifecycle.onStop('event triggers', () => media.eventTriggers.stop());
  // Before the recorders: what was triggered decides what they begin with.
  await media.eventTriggers.start();
  await media.fleet.start();
  lifecycle.onStop('playback', () => media.playback.stop());
  await media.playback.start();
  // Nothing has to wait for it.
  void media.removal.start();
  lifecycle.onStop('removal of cameras', () => media.removal.stop());
  media.mirrors.start();
  lifecycle.onStop('mirror', () => media.mirrors.stop());
  media.snapshots.start();
  lifecycle.onStop('snapshots', () => media.snapshots.stop());
  const upkeep = media.startUpkeep();
  lifecycle.onStop('upkeep of recordings', () => upkeep.stop());
  media.retention.start();
  lifecycle.onStop('recording retention', () => media.retention.stop());
}

export function startLogRetention(options: {
  store: Store;
  clock: Clock;
  settings: Settings;
  log: KernelLog;
  lifecycle: Lifecycle;
}): void {
  const { store, clock, settings, log } = options;
  const queries = createLogQueries(store.reader);
  const retention = createLogRetention({
    store,
    now: () => clock.now(),
    detectionHours: settings.retention.detectionHours,
    eventDays: settings.retention.auditDays,
    deletedCameras: () => queries.deletedWithBodies(),
    usedBytes: () => queries.usedBytes(),
  });
  const sweep = startLoop({
    clock,
    everyMs: settings.retention.intervalSeconds * 1000,
    run: (signal) => retention.run(signal),
    onError: (error) =>
      log.error({ reason: messageOf(error) }, 'retention failed; it goes on with the next sweep'),
  });
  options.lifecycle.onStop('log retention', () => sweep.stop());
}
