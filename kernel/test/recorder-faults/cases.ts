/** Which faults of a camera does the recorder have to bear, and what has to come of each? */
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import type { SegmentRow } from '../../src/store/segment-queries.ts';
import { onStage, type Comeback, type ProbedSegment, type Stage, type StageOptions } from './stage.ts';

export interface FaultCase {
  readonly name: string;
  readonly options: StageOptions;
  play(stage: Stage): Promise<Observation>;
}

/** What was seen; a member that a case says nothing about is absent. */
export interface Observation {
  readonly back?: Comeback;
  /** From the fault to the end of the process that it struck, ms. */
  readonly replacedMs?: number;
  readonly segments?: readonly SegmentRow[];
  readonly probed?: readonly ProbedSegment[];
  /** Real time from the start of the recorder to the end, ms. */
  readonly recordedForMs?: number;
  readonly status?: ReturnType<Stage['status']>;
  readonly offlineEvents?: readonly string[];
}

export function observe({ options, play }: FaultCase): Promise<Observation> {
  return onStage(options, play);
}

/** An outage long enough to be one, and for the pauses between attempts to grow. */
const shortOutageMs = 3000;

/** The camera is away for a while, is back, and is recorded again. */
function outage(name: string, faults: readonly string[], outageMs = shortOutageMs): FaultCase {
  return {
    name,
    options: {},
    async play(stage) {
      await stage.recorded(1000);
      for (const fault of faults) await stage.camera.order(fault);
      await until('the end of the recording', () => !stage.isRecording());
      await sleep(outageMs);
      const backAt = await stage.camera.order('recover');
      const back = await stage.back(backAt);
      await stage.recorded(1000, backAt);
      await stage.stop();
      return { back, segments: stage.segments(), offlineEvents: stage.events('camera_offline') };
    },
  };
}

const dropped: FaultCase = {
  name: 'drop: connections are cut',
  options: {},
  async play(stage) {
    await stage.recorded(1000);
    const droppedAt = await stage.camera.order('drop');
    const back = await stage.back(droppedAt);
    await stage.recorded(1000, droppedAt);
    await stage.stop();
    return { back, segments: stage.segments(), offlineEvents: stage.events('camera_offline') };
  },
};

const frozen: FaultCase = {
  name: 'freeze: the connection stays, nothing comes',
  options: {},
  async play(stage) {
    await stage.recorded(1000);
    const [pid] = await stage.processes();
    const frozenAt = await stage.camera.order('freeze');
    await until('the end of the frozen process', async () => {
      const alive = await stage.processes();
      return pid !== undefined && !alive.includes(pid);
    });
    const replacedMs = Date.now() - frozenAt;
    const backAt = await stage.camera.order('recover');
    const back = await stage.back(backAt);
    await stage.recorded(1000, backAt);
    await stage.stop();
    const offlineEvents = stage.events('camera_offline');
    return { back, replacedMs, segments: stage.segments(), offlineEvents };
  },
};

/** Something happens to a camera that is recorded all the while; `thenMs` of footage follow. */
function midway(name: string, options: StageOptions, fault: string | null, thenMs = 3000): FaultCase {
  return {
    name,
    options,
    async play(stage) {
      await stage.recorded(2000);
      const { startedAt } = stage;
      const at = fault === null ? startedAt : await stage.camera.order(fault);
      await sleep(thenMs);
      await stage.recorded(thenMs / 2, fault === null ? 0 : at);
      const recordedForMs = Date.now() - startedAt;
      await stage.stop();
      const segments = stage.segments();
      const probed = await Promise.all(segments.map((segment) => stage.probe(segment)));
      return { segments, probed, recordedForMs, status: stage.status() };
    },
  };
}

const refusedLogin: FaultCase = {
  name: 'wrong credentials',
  options: { auth: 'digest-md5', login: 'viewer:right', givenLogin: 'viewer:wrong' },
  async play(stage) {
    await until('some attempts', () => (stage.status()?.reconnectCount ?? 0) >= 2);
    await stage.stop();
    return {
      status: stage.status(),
      segments: stage.segments(),
      offlineEvents: stage.events('camera_offline'),
    };
  },
};

const login = { login: 'viewer:p@ss word', givenLogin: 'viewer:p%40ss%20word' };

export const cases = {
  dropped,
  frozen,
  off: outage('off: the camera loses power', ['off']),
  erring: outage('error: each request is answered with 503', ['error=503', 'drop']),
  hanging: outage('hang: connections are accepted and nothing is answered', ['hang', 'drop']),
  forward: midway('jump=3600: time stamps leap an hour ahead', {}, 'jump=3600', 6000),
  backward: midway('jump=-3600: time stamps leap an hour back', {}, 'jump=-3600', 6000),
  resized: midway('file: another resolution midway', {}, 'file=small', 6000),
  recoded: midway('file: H.265 instead of H.264 midway', {}, 'file=h265', 6000),
  g711: midway('G.711 sound', { audio: 'g711', recordAudio: true }, null),
  aac: midway('AAC sound', { audio: 'aac', recordAudio: true }, null),
  mutedMidway: midway('AAC sound that dies midway', { audio: 'aac', recordAudio: true }, 'mute'),
  mutedG711: midway('G.711 sound that dies midway', { audio: 'g711', recordAudio: true }, 'mute'),
  neverAac: midway(
    'AAC sound that is announced and never comes',
    { audio: 'aac', recordAudio: true, first: 'mute' },
    null,
  ),
  neverG711: midway(
    'G.711 sound that is announced and never comes',
    { audio: 'g711', recordAudio: true, first: 'mute' },
    null,
  ),
  h265: midway('H.265', { footage: 'h265' }, null),
  sparse: midway('60 kbit/s with a key frame every 10 s', { footage: 'sparse' }, null),
  basic: midway('basic authentication', { auth: 'basic', ...login }, null, 1000),
  digest: midway('digest authentication', { auth: 'digest-md5', ...login }, null, 1000),
  refusedLogin,
} satisfies Record<string, FaultCase>;

export type CaseName = keyof typeof cases;
