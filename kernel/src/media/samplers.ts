/** Which samplers run right now, and which frames do they hold? Touches only what a change of the plan concerns. */
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import { knownCredentials, maskText } from '../cameras/mask.ts';
import { sampledUrl, type StreamProfile } from '../cameras/stream-url.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';

import { samplerOffline } from './media-events.ts';
import { readCameraSecrets } from '../store/camera-queries.ts';
import type { Store } from '../store/store.ts';
import { listRunnableTasks } from '../store/task-queries.ts';
import { startCameraSampler, type CameraSampler, type SamplerState } from './camera-sampler.ts';
import { capturedAtOf } from './frame-id.ts';
import { createFrameRing, keepFramesMs, type Frame, type FrameRing } from './frame-ring.ts';
import { planSamplers, samplerKey, type PlannedSampler } from './sampler-plan.ts';
import type { MediaTools } from './tools.ts';

export interface SamplerInfo {
  readonly camera_id: string;
  readonly stream_profile: StreamProfile;
  readonly state: SamplerState;
  readonly fps: number;
}

export interface Samplers {
  start(): void;
  stop(): Promise<void>;
  /** Brings the samplers in line with tasks and cameras; the new plan holds when it returns, processes follow. */
  replan(): void;
  /** By camera id, then profile. */
  list(): SamplerInfo[];
  /** The newest frame, if it is not older than 30 s. */
  newest(cameraId: string, profile: StreamProfile): Frame | undefined;
  /** The frame a worker's frame id names while it is at hand, else the newest of the camera. */
  resolve(cameraId: string, frameId: string | null): Frame | undefined;
  /** The frame of exactly that time. */
  at(cameraId: string, capturedAt: number): Frame | undefined;
}

export interface SamplersOptions {
  readonly store: Pick<Store, 'read' | 'keyring' | 'write'>;
  readonly registry: CameraRegistry;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly random: () => number;
  /** Master switch; off: the list stays empty. */
  readonly enabled: boolean;
  readonly maxTotalFps: number;
  readonly marker: string;
  readonly log: Logger;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles?: boolean;
}

interface Entry {
  readonly planned: PlannedSampler;
  readonly incarnation: number;
  readonly sampler: CameraSampler | null;
}

const profiles: readonly StreamProfile[] = ['sub', 'main'];

export function createSamplers(options: SamplersOptions): Samplers {
  const { store, registry, clock, log } = options;
  let entries = new Map<string, Entry>();
  /** By camera, profile and incarnation; they outlive their samplers until their frames are too old. */
  const rings = new Map<string, FrameRing>();
  /** Ends of processes, by sampler; the next of the same name waits for them. */
  const endings = new Map<string, Promise<void>>();
  const forgetting = new Set<() => void>();
  let isRunning = false;
  let unsubscribe: (() => void) | null = null;

  const ringOf = (cameraId: string, profile: StreamProfile) =>
    rings.get(ringKey(cameraId, profile, registry.incarnation(cameraId)));

  const endSampler = (key: string, { planned, sampler, incarnation }: Entry) => {
    if (sampler === null) return;
    sampler.stop();
    const ended = sampler.ended
      .catch((error: unknown) => log.error({ key, reason: messageOf(error) }, 'a sampler failed'))
      .finally(() => endings.get(key) === ended && endings.delete(key));
    endings.set(key, ended);
    const ring = ringKey(planned.cameraId, planned.profile, incarnation);
    // Nobody can ask for frames of a camera that is gone.
    if (registry.incarnation(planned.cameraId) !== incarnation) return void rings.delete(ring);
    const cancel = clock.after(keepFramesMs + 1, () => {
      forgetting.delete(cancel);
      if (rings.get(ring)?.newest(clock.now()) === undefined) rings.delete(ring);
    });
    forgetting.add(cancel);
  };

  const startSampler = (key: string, planned: PlannedSampler, url: string): CameraSampler | null => {
    const camera = registry.get(planned.cameraId);
    if (camera === undefined) return null;
    const name = ringKey(planned.cameraId, planned.profile, camera.incarnation);
    const ring = rings.get(name) ?? createFrameRing();
    rings.set(name, ring);
    const known = knownCredentials({ ...camera, ...readCameraSecrets(store, camera.id) });
    return startCameraSampler({
      ...options,
      spec: { url, fps: planned.fps, width: planned.width },
      mask: (text) => maskText(text, known),
      allowFiles: options.allowFiles ?? false,
      after: endings.get(key) ?? Promise.resolve(),
      onPicture: (jpeg) => void ring.push(jpeg, clock.now()),
      onOutage(detail) {
        store
          .write('events.append', [samplerOffline(camera, clock.now(), planned.profile, detail)])
          .catch((error: unknown) =>
            log.error({ camera: camera.id, reason: messageOf(error) }, 'an event could not be stored'),
          );
      },
    });
  };

  const replan = () => {
    if (!isRunning || !options.enabled) return;
    const plan = planSamplers(listRunnableTasks(store.read), options.maxTotalFps);
    const next = new Map<string, Entry>();
    for (const planned of plan) {
      const key = samplerKey(planned.cameraId, planned.profile);
      const camera = registry.get(planned.cameraId);
      if (camera === undefined) continue;
      const url = sampledUrl({ ...camera, ...readCameraSecrets(store, camera.id) }, planned.profile);
      const known = entries.get(key);
      const isSame =
        known?.incarnation === camera.incarnation &&
        known.sampler !== null &&
        runsAs(known.sampler, planned, url);
      if (known !== undefined && isSame) {
        next.set(key, { ...known, planned });
        continue;
      }
      if (known !== undefined) endSampler(key, known);
      const sampler = planned.fps > 0 && url !== null ? startSampler(key, planned, url) : null;
      next.set(key, { planned, incarnation: camera.incarnation, sampler });
    }
    for (const [key, entry] of entries) if (!next.has(key)) endSampler(key, entry);
    entries = next;
  };

  const newest = (cameraId: string, profile: StreamProfile) => ringOf(cameraId, profile)?.newest(clock.now());
  const at = (cameraId: string, capturedAt: number) =>
    profiles.map((profile) => ringOf(cameraId, profile)?.at(capturedAt, clock.now())).find(isFrame);

  return {
    start() {
      isRunning = true;
      unsubscribe = registry.onChange(() => {
        try {
          replan();
        } catch (error) {
          log.error({ reason: messageOf(error) }, 'the samplers could not be planned');
        }
      });
      replan();
    },
    async stop() {
      isRunning = false;
      unsubscribe?.();
      for (const [key, entry] of entries) endSampler(key, entry);
      await Promise.all(endings.values());
      for (const cancel of forgetting) cancel();
      forgetting.clear();
      entries = new Map();
      rings.clear();
    },
    replan,
    list: () =>
      [...entries.values()].map(({ planned, sampler }) => ({
        camera_id: planned.cameraId,
        stream_profile: planned.profile,
        state: sampler?.state ?? (planned.fps > 0 ? 'error' : 'budget_exhausted'),
        fps: planned.fps,
      })),
    newest,
    resolve(cameraId, frameId) {
      const capturedAt = frameId === null ? undefined : capturedAtOf(frameId);
      const named = capturedAt === undefined ? undefined : at(cameraId, capturedAt);
      return named ?? profiles.map((profile) => newest(cameraId, profile)).find(isFrame);
    },
    at,
  };
}

function isFrame(frame: Frame | undefined): frame is Frame {
  return frame !== undefined;
}

/** A camera's next life has rings of its own. */
function ringKey(cameraId: string, profile: StreamProfile, incarnation: number | undefined): string {
  return `${samplerKey(cameraId, profile)}/${incarnation ?? ''}`;
}

function runsAs(sampler: CameraSampler, { fps, width }: PlannedSampler, url: string | null): boolean {
  return sampler.spec.url === url && sampler.spec.fps === fps && sampler.spec.width === width;
}
