/** What runs for one camera, and how does it follow what is wanted? What should go on is not restarted. */
import { join } from 'node:path';
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { MediaTools } from '../media/tools.ts';
import { startCameraRecorder, type CameraRecorder, type RecorderSpec } from './camera-recorder.ts';
import type { CameraStatus } from './camera-status.ts';
import { createDirectOutput } from './direct-output.ts';
import type { GrowingSync } from './growing-sync.ts';
import type { Indexer } from './indexer.ts';
import type { OutageLog } from './outage-log.ts';
import { createRing, type Ring, type RingOrder } from './ring.ts';
import type { RecordingRoots } from './roots.ts';
import type { TriggerWindow } from './trigger-windows.ts';
import { suits, type Wanted } from './wanted-recording.ts';

export interface CameraDutyOptions {
  readonly camera: Pick<Camera, 'id' | 'siteId' | 'incarnation'>;
  readonly status: CameraStatus;
  readonly outages: OutageLog;
  readonly indexer: Indexer;
  readonly sync: GrowingSync;
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly random: () => number;
  readonly roots: Pick<RecordingRoots, 'pathOf' | 'check'>;
  /** Absolute. */
  readonly ringDir: string;
  readonly marker: string;
  readonly log: Logger;
  readonly onDiskFull: () => void;
  /** Let `file:` URLs through; for tests. */
  readonly allowFiles: boolean;
}

/** What a camera's duty follows. */
export interface Assignment {
  readonly camera: Camera;
  readonly wanted: Wanted;
  /** The window of the last trigger, open or not. */
  readonly trigger: TriggerWindow | null;
  /** Recording has been meant since, ms since the epoch. */
  readonly intendedSince: number;
  /** Removes the camera's credentials from a text. */
  readonly mask: (text: string) => string;
}

/** Calls must not overlap. */
export interface CameraDuty {
  readonly incarnation: number;
  /** The recorder that runs, or tries to; null: none. */
  recorder(): RecorderSpec | null;
  /** Resolves when the recorder that is wanted is under way, or the one that is not has ended and all it wrote is indexed. */
  follow(assignment: Assignment): Promise<void>;
  stop(): Promise<void>;
  /** Stops because the kernel ends. */
  end(): Promise<void>;
}

export function createCameraDuty(options: CameraDutyOptions): CameraDuty {
  const { status, outages, clock } = options;
  let isWanted = false;
  let running: { readonly recorder: CameraRecorder; readonly ring: Ring | null } | null = null;

  const stop = async () => {
    if (running === null) return;
    await running.recorder.stop();
    await running.ring?.dispose();
    running = null;
  };

  const run = async (assignment: Assignment, spec: RecorderSpec) => {
    const order = ringOrder(assignment, clock);
    if (running !== null) return await running.ring?.follow(order);
    if (isWanted) outages.wanted();
    running = start(options, assignment, spec, order);
  };

  return {
    incarnation: options.camera.incarnation,
    recorder: () => running?.recorder.spec ?? null,
    async follow(assignment) {
      const { wanted, camera } = assignment;
      isWanted = wanted.decision.do === 'record';
      if (running !== null && !suits(running.recorder.spec, wanted, camera.segmentSeconds)) {
        await keepLast(running.ring, assignment, clock);
        await stop();
      }
      if (wanted.fault !== null) outages.begin(wanted.fault.cause);
      if (wanted.spec === null) await say(status, wanted);
      else await run(assignment, wanted.spec);
      if (!isWanted) outages.begin('not_wanted');
    },
    stop,
    async end() {
      const { recorder } = running ?? {};
      await stop();
      // One that nobody asked for may be asked for while no kernel runs.
      if (recorder !== undefined || !isWanted) outages.begin('kernel_stopped');
      if (recorder !== undefined) await status.stopped();
      await outages.settled();
    },
  };
}

/** A window opens: what the ring is writing belongs to it. */
async function keepLast(ring: Ring | null, assignment: Assignment, clock: Clock): Promise<void> {
  const { wanted, camera, intendedSince } = assignment;
  if (ring === null || wanted.decision.do !== 'record') return;
  const keep = { from: clock.monotonic(), until: Number.POSITIVE_INFINITY, intendedSince };
  await ring.follow({ preRollMs: camera.preRollSeconds * 1000, keep, detail: '' });
}

function start(
  options: CameraDutyOptions,
  { intendedSince, mask }: Assignment,
  spec: RecorderSpec,
  order: RingOrder,
): { recorder: CameraRecorder; ring: Ring | null } {
  const { root } = spec;
  const destination = join(options.roots.pathOf(root) ?? '', options.camera.id);
  const rootFault = async () => (await options.roots.check(root)).fault;
  const folder = join(options.ringDir, options.camera.id);
  const ring =
    spec.kind === 'ring' ? createRing({ ...options, folder, destination, rootFault, order }) : null;
  const output = ring ?? createDirectOutput({ ...options, folder: destination, rootFault });
  return { recorder: startCameraRecorder({ ...options, spec, output, intendedSince, mask }), ring };
}

function say(status: CameraStatus, { decision, fault }: Wanted): Promise<void> {
  if (fault !== null) return status.failed(fault.detail);
  switch (decision.do) {
    case 'nothing':
      return status.disabled(decision.detail);
    case 'arm':
    case 'rest':
      return status.resting(decision.detail);
    case 'record':
      return Promise.resolve();
  }
}

/** The pre-roll counts back from the trigger. */
function ringOrder({ camera, wanted, trigger, intendedSince }: Assignment, clock: Clock): RingOrder {
  const { decision } = wanted;
  const preRollMs = camera.preRollSeconds * 1000;
  const detail = decision.do === 'record' ? '' : `${decision.detail}; keeps ${camera.preRollSeconds} s`;
  const isOpen = decision.do === 'record' && trigger !== null && trigger.endsAtMonotonic > clock.monotonic();
  if (!isOpen) return { preRollMs, detail, keep: null };
  const keep = {
    from: trigger.firedAtMonotonic - preRollMs,
    until: trigger.endsAtMonotonic,
    intendedSince,
  };
  return { preRollMs, detail, keep };
}
