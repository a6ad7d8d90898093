/** How one camera's profile keeps being sampled: attempt after attempt, each outage told once. */
import type { Clock } from '../clock.ts';
import { supervise, type AttemptEnd } from '../runtime/supervise.ts';
import { retryOf } from './reach.ts';
import { sampleOnce, type SamplerRun } from './sampler.ts';

export type SamplerState = 'connecting' | 'sampling' | 'offline' | 'error' | 'stopped' | 'budget_exhausted';

export interface SamplerSpec {
  readonly url: string;
  readonly fps: number;
  readonly width: number;
}

export interface CameraSamplerOptions extends Omit<SamplerRun, 'signal' | 'onPicture' | keyof SamplerSpec> {
  readonly spec: SamplerSpec;
  readonly clock: Clock;
  readonly random: () => number;
  /** Nothing is started before this resolves: the process that is replaced has ended. */
  readonly after: Promise<unknown>;
  onPicture(jpeg: Buffer): void;
  /** Once an outage. */
  onOutage(detail: string): void;
}

export interface CameraSampler {
  readonly spec: SamplerSpec;
  readonly state: SamplerState;
  /** Resolves once the process has ended. */
  readonly ended: Promise<void>;
  stop(): void;
}

const healthyMs = 30_000;
const faultRetryMs = 15_000;

export function startCameraSampler(options: CameraSamplerOptions): CameraSampler {
  const stopping = new AbortController();
  let state: SamplerState = 'connecting';
  let isOutage = false;

  const noteOutage = (detail: string, kind: 'offline' | 'error') => {
    state = kind;
    if (!isOutage) options.onOutage(detail);
    isOutage = true;
  };
  const attempt = async (signal: AbortSignal): Promise<AttemptEnd> => {
    state = 'connecting';
    const onPicture = (jpeg: Buffer) => {
      state = 'sampling';
      isOutage = false;
      options.onPicture(jpeg);
    };
    const end = await sampleOnce({ ...options, ...options.spec, signal, onPicture });
    const healthy = end.ranMs >= healthyMs && end.pictures > 0;
    switch (end.reason) {
      case 'stopped':
        return { next: 'done', healthy };
      case 'failed':
        noteOutage(end.detail, 'error');
        return { next: faultRetryMs, healthy };
      case 'ended':
        noteOutage(end.detail, 'offline');
        return { ...(await retryOf(options.spec.url, end.pictures > 0, end.detail)), healthy };
    }
  };

  const ended = options.after
    .then(() => supervise({ ...options, attempt, signal: stopping.signal }))
    .then(() => void (state = 'stopped'));
  return {
    spec: options.spec,
    get state() {
      return state;
    },
    ended,
    stop: () => stopping.abort(),
  };
}
