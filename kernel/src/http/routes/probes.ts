/** Is the process alive, and can it do its work? */
import { reply, z } from '@heldar/plugin-sdk';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface RecordingQuorum {
  /** Cameras that should be recording now. */
  readonly wanted: number;
  /** Those of them that are. */
  readonly recording: number;
}

const notReadyOutput = z.object({
  ready: z.literal(false),
  reason: z.enum(['database', 'insufficient_recorders']),
  recording_pct: z.number().optional(),
  required_pct: z.number().optional(),
});
const retryHeader = { 'retry-after': 'Seconds to wait.' };

export function probeRoutes(options: {
  /** Throws when the store does not answer. */
  checkStore: () => void | Promise<void>;
  recording: () => RecordingQuorum;
  /** HELDAR_READYZ_MIN_RECORDING_PERCENT; 0 switches the quorum off. */
  minRecordingPercent: number;
}): KernelRoute[] {
  const { minRecordingPercent: required } = options;
  return [
    kernelRoute.get('/healthz', {
      summary: 'Is the process alive?',
      capability: 'public',
      scope: { none: 'about the process, not about cameras' },
      whenBusy: 'answer',
      output: z.object({ status: z.literal('ok') }),
      handle: () => ({ status: 'ok' as const }),
    }),
    kernelRoute.get('/readyz', {
      summary: 'Does the database answer, and do enough cameras record?',
      capability: 'public',
      scope: { none: 'a share of all cameras, without naming any' },
      whenBusy: 'answer',
      output: z.object({ ready: z.literal(true) }),
      replies: { 503: { description: 'Not ready, and why.', schema: notReadyOutput, headers: retryHeader } },
      async handle() {
        try {
          await options.checkStore();
        } catch {
          return notReady({ ready: false, reason: 'database' });
        }
        const percent = recordingPercent(options.recording());
        if (required > 0 && percent < required)
          return notReady({
            ready: false,
            reason: 'insufficient_recorders',
            recording_pct: percent,
            required_pct: required,
          });
        return { ready: true as const };
      },
    }),
  ];
}

const retryAfterS = 5;

function notReady(body: z.output<typeof notReadyOutput>) {
  return reply({
    status: 503,
    headers: { 'content-type': 'application/json', 'retry-after': String(retryAfterS) },
    body: JSON.stringify(body),
  });
}

/** Rounded to one decimal; 100 when none should be recording. */
function recordingPercent({ wanted, recording }: RecordingQuorum): number {
  if (wanted <= 0) return 100;
  return Math.round((Math.min(recording, wanted) / wanted) * 1000) / 10;
}
