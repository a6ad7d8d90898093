/** Which routes the kernel itself serves. */
import { createSignInThrottle } from '../auth/throttle.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Settings } from '../config/settings.ts';
import type { Dispatcher } from '../detections/dispatcher.ts';
import type { Ingest } from '../detections/ingest.ts';
import type { EventHandlers } from '../events/handlers.ts';
import type { Journal } from '../events/journal.ts';
import type { KernelRoute } from '../http/kernel-route.ts';
import type { MountedRoute } from '../http/mounted-route.ts';
import { apiKeyRoutes } from '../http/routes/api-keys.ts';
import { aiTaskRoutes } from '../http/routes/ai-tasks.ts';
import { apiDocsRoutes } from '../http/routes/api-docs.ts';
import { auditRoutes } from '../http/routes/audit.ts';
import { authRoutes } from '../http/routes/auth.ts';
import { cameraStatusRoutes } from '../http/routes/camera-status.ts';
import { cameraRoutes } from '../http/routes/cameras.ts';
import { clipRoutes } from '../http/routes/clips.ts';
import { detectionRoutes } from '../http/routes/detections.ts';
import { eventRoutes } from '../http/routes/events.ts';
import { frameRoutes } from '../http/routes/frames.ts';
import { incidentRoutes } from '../http/routes/incidents.ts';
import { ingestRoutes } from '../http/routes/ingest.ts';
import { mediaFileRoutes } from '../http/routes/media-files.ts';
import { metricsRoutes } from '../http/routes/metrics.ts';
import { oidcRoutes } from '../http/routes/oidc.ts';
import { playbackSessionRoutes } from '../http/routes/playback-sessions.ts';
import { pluginRoutes } from '../http/routes/plugins.ts';
import { pluginChangeRoutes } from '../http/routes/plugin-changes.ts';
import { previewRoutes } from '../http/routes/previews.ts';
import { probeRoutes } from '../http/routes/probes.ts';
import { recordTriggerRoutes } from '../http/routes/record-trigger.ts';
import { recordingGapRoutes } from '../http/routes/recording-gaps.ts';
import { recordingScheduleRoutes } from '../http/routes/recording-schedules.ts';
import { recordingRoutes } from '../http/routes/recordings.ts';
import { snapshotRoutes } from '../http/routes/snapshots.ts';
import { siteRoutes } from '../http/routes/site.ts';
import { snapshotScheduleRoutes } from '../http/routes/snapshot-schedules.ts';
import { systemRoutes } from '../http/routes/system.ts';
import { urlTokenRoutes } from '../http/routes/url-tokens.ts';
import { userRoutes } from '../http/routes/users.ts';
import type { MediaTools } from '../media/tools.ts';
import { readDisk } from '../observe/disk.ts';
import type { Metrics } from '../observe/metrics.ts';
import { createSystemReports } from '../observe/system-report.ts';
import type { BudgetWatch } from '../plugins/budget-watch.ts';
import type { PluginHost } from '../plugins/host.ts';
import { createDetectionQueries } from '../store/detection-queries.ts';
import { listCameraStatus } from '../store/camera-queries.ts';
import { createParkedQueries } from '../store/parked-queries.ts';
import { createRetentionQueries } from '../store/retention-queries.ts';
import type { Store } from '../store/store.ts';
import { kernelVersion } from '../version.ts';
import type { Access } from './access.ts';
import type { MediaPlane } from './media-plane.ts';

export interface KernelRouteDeps {
  readonly store: Store;
  readonly clock: Clock;
  readonly settings: Settings;
  readonly registry: CameraRegistry;
  readonly media: MediaPlane;
  readonly tools: MediaTools;
  readonly ingest: Ingest;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly journal: Journal;
  readonly metrics: Metrics;
  readonly host: PluginHost;
  readonly budgets: BudgetWatch;
  /** All routes that are served now, the kernel's too. */
  readonly served: () => readonly MountedRoute[];
  readonly access: Access;
}

export function createKernelRoutes(deps: KernelRouteDeps): KernelRoute[] {
  const { store, clock, settings, registry, media, tools } = deps;
  return [
    ...probeRoutes({
      checkStore: () => void store.reader.prepare('SELECT 1').get(),
      recording: () => recordingQuorum(deps),
      minRecordingPercent: settings.api.minRecordingPercent,
    }),
    ...siteRoutes({
      siteId: settings.siteId,
      name: 'Heldar',
      version: kernelVersion,
      startedAt: clock.now(),
    }),
    ...accessRoutes(deps),
    ...metricsRoutes(deps.metrics),
    ...systemRoutes(systemOf(deps)),
    ...apiDocsRoutes({ served: deps.served, version: kernelVersion }),
    ...ingestRoutes({ ingest: deps.ingest }),
    ...detectionRoutes({
      detections: createDetectionQueries(store.reader, store.storeId),
      incarnationOf: (id) => registry.incarnation(id),
    }),
    ...eventRoutes({ db: store.read, clock, news: deps.journal }),
    ...cameraRoutes({
      store,
      registry,
      removal: media.removal,
      defaults: settings.cameraDefaults,
      roots: media.roots.all.map(({ name }) => name).filter((name) => name !== ''),
      tools,
      clock,
      marker: media.marker,
    }),
    ...cameraStatusRoutes({ store }),
    ...snapshotScheduleRoutes({ store, scheduler: media.snapshots, clock }),
    ...recordingRoutes({ store, registry, clock }),
    ...recordingGapRoutes({ store }),
    ...incidentRoutes({ store, clock }),
    ...recordingScheduleRoutes({ store, fleet: media.fleet, clock }),
    ...recordTriggerRoutes({ registry, fleet: media.fleet, clock }),
    ...aiTaskRoutes({
      store,
      samplers: media.samplers,
      clock,
      defaults: { fps: settings.ai.defaultFps, width: settings.ai.defaultWidth },
    }),
    ...frameRoutes({ registry, samplers: media.samplers, clock }),
    ...clipRoutes({ store, clips: media.playback.clips }),
    ...snapshotRoutes({ stills: media.playback.stills }),
    ...playbackSessionRoutes({
      store,
      sessions: media.playback.sessions,
      clock,
      maxSeconds: settings.playback.maxSeconds,
    }),
    ...previewRoutes({ store, locate: media.playback.locate }),
    ...mediaFileRoutes({
      store,
      sessions: media.playback.sessions,
      locate: media.playback.locate,
      writingRoot: (id) =>
        media.fleet.wanted().includes(id) ? (registry.get(id)?.recordingsRoot ?? '') : null,
      clipsDir: settings.clipsDir,
      snapshotsDir: settings.snapshotsDir,
    }),
    ...pluginChangeRoutes({ change: (change) => deps.host.change(change) }),
    ...pluginRoutes({
      plugins: () => deps.host.list(),
      health: (name) => deps.host.health(name),
      budgetOf: (plugin) => deps.budgets.view(plugin),
      consumerStats: () => deps.dispatcher.stats(),
      handlerStats: () => deps.handlers.stats(),
      parked: createParkedQueries(store.reader),
      retryParked: (row) =>
        row.consumer_kind === 'handler' ? deps.handlers.retryParked(row) : deps.dispatcher.retryParked(row),
      dropParked: (id, audit) => store.write('parked.drop', { id }, audit),
    }),
  ];
}

function accessRoutes({ store, clock, settings, registry, access }: KernelRouteDeps): KernelRoute[] {
  const { queries, passwords, urlTokens, federated } = access;
  const cameraExists = (id: string) => registry.get(id) !== undefined;
  const common = { queries, store, passwords, clock, cameraExists };
  const { sessionHours, cookieSecure } = settings.auth;
  const signIn = { throttle: createSignInThrottle(clock), sessionHours, cookieSecure };
  return [
    ...authRoutes({ ...common, ...signIn }),
    ...oidcRoutes({ ...signIn, federated }),
    ...userRoutes(common),
    ...apiKeyRoutes(common),
    ...urlTokenRoutes({ urlTokens }),
    ...auditRoutes({ store }),
  ];
}

function systemOf({ store, registry, clock, settings, media }: KernelRouteDeps) {
  return {
    name: 'Heldar',
    version: kernelVersion,
    recorderEnabled: settings.recorder.enabled,
    maxRecordingsGb: settings.retention.maxRecordingsGb,
    liveTranscodeEngine: settings.live.transcodeEngine,
    retention: media.retention,
    reports: createSystemReports({
      store,
      queries: createRetentionQueries(store.reader),
      registry,
      clock,
      disk: () => readDisk(settings.recordingsDir),
      recorders: () => media.fleet.supervised(),
      overlay: { ...settings.overlay, iface: settings.overlay.iface || null },
      diskCheckIntervalMs: settings.disks.checkIntervalSeconds * 1000,
    }),
  };
}

/** Of the cameras that should be recorded now, how many are? */
function recordingQuorum({ store, media }: KernelRouteDeps): { wanted: number; recording: number } {
  const wanted = new Set(media.fleet.wanted());
  const recording = listCameraStatus(store.read).filter(
    ({ cameraId, state }) => state === 'recording' && wanted.has(cameraId),
  );
  return { wanted: wanted.size, recording: recording.length };
}
