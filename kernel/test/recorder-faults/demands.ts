/** Is what was seen of a fault what has to come of it? */
import type { SegmentRow } from '../../src/store/segment-queries.ts';
import type { CaseName, Observation } from './cases.ts';

/** From a camera's return to its first key frame on disk, without the wait for that key frame, ms: of 95 in 100. */
export const comebackLimitMs = 3000;
/** Of each, also on a machine that has other work. */
const longestComebackMs = 8000;
/** From a standstill to the end of the process that suffers it, ms. */
export const replaceLimitMs = 10_000;
/** A camera that hangs lets the attempt under way wait out its own limit first, ms. */
const hangLimitMs = 12_000;
/** A client may be sent a fragment more than is told here, ms. */
const slackMs = 1000;
/** Spent on asking, on looking at the stream, on the first key frame, and on one restart, ms. */
const startMs = 9000;

/** Sentences; none: all is as it should be. */
export function problemsOf(name: CaseName, seen: Observation): string[] {
  const limitMs = name === 'hanging' ? hangLimitMs : longestComebackMs;
  return [...generalProblems(seen), ...comebackProblems(seen, limitMs), ...(demands[name]?.(seen) ?? [])];
}

/** Whatever happened: rows tell a true story. */
function generalProblems({ segments = [], probed = [], recordedForMs }: Observation): string[] {
  const problems: string[] = [];
  const lengthOf = ({ startTime, endTime }: SegmentRow) => endTime - startTime;
  for (const [index, segment] of segments.entries()) {
    const before = segments[index - 1];
    if (lengthOf(segment) <= 0) problems.push(`${segment.path} lasts ${lengthOf(segment)} ms`);
    if (before !== undefined && before.endTime > segment.startTime)
      problems.push(
        `${segment.path} begins ${before.endTime - segment.startTime} ms before the end of ${before.path}`,
      );
  }
  for (const [index, { complaints, frames }] of probed.entries())
    if (complaints !== '' || frames === 0)
      problems.push(`${segments[index]?.path} has ${frames} pictures that decode: ${complaints}`);
  const footageMs = segments.reduce((sum, segment) => sum + lengthOf(segment), 0);
  if (recordedForMs !== undefined && footageMs > recordedForMs + slackMs)
    problems.push(`${footageMs} ms are indexed of ${recordedForMs} ms`);
  return problems;
}

function comebackProblems({ back, replacedMs = 0 }: Observation, limitMs: number): string[] {
  const netMs = back === undefined ? 0 : back.afterMs - back.keyFrameWaitMs;
  return [
    ...demand(
      netMs <= limitMs,
      `the first key frame was written ${netMs} ms after the camera's return, without the wait for it`,
    ),
    ...demand(replacedMs <= replaceLimitMs, `the process went on for ${replacedMs} ms`),
  ];
}

type Demand = (seen: Observation) => string[];

const demand = (holds: boolean, what: string) => (holds ? [] : [what]);

/** Once, however many attempts fail. */
const isToldOnce: Demand = ({ offlineEvents = [] }) =>
  demand(offlineEvents.length === 1, `${offlineEvents.length} camera_offline events`);

/** Nothing was lost but what the start, and a restart, take. */
const isWhole: Demand = ({ segments = [], recordedForMs = 0 }) => {
  const footageMs = segments.reduce((sum, { startTime, endTime }) => sum + endTime - startTime, 0);
  return demand(footageMs > recordedForMs - startMs, `${footageMs} ms are recorded of ${recordedForMs} ms`);
};

const hasSound: Demand = ({ probed = [] }) =>
  demand(
    probed.some(({ codecs }) => codecs[1] === 'aac'),
    `the sound is ${probed.map(({ codecs }) => codecs[1] ?? 'missing').join(', ')}`,
  );

const hasCodec =
  (codec: string): Demand =>
  ({ probed = [] }) =>
    demand(
      probed.some(({ codecs }) => codecs[0] === codec),
      `no segment is ${codec}`,
    );

const hasPictures: Demand = ({ probed = [] }) =>
  demand(
    probed.some(({ frames }) => frames > 0),
    'nothing was recorded',
  );

const hasSize =
  (width: number): Demand =>
  ({ segments = [] }) =>
    demand(
      segments.some((segment) => segment.width === width),
      `no segment is ${width} wide: ${segments.map((segment) => segment.width).join(', ')}`,
    );

const demands: Partial<Record<CaseName, Demand>> = {
  dropped: isToldOnce,
  frozen: isToldOnce,
  off: isToldOnce,
  erring: isToldOnce,
  hanging: isToldOnce,
  forward: isWhole,
  backward: isWhole,
  resized: (seen) => [...hasSize(640)(seen), ...hasSize(320)(seen)],
  recoded: (seen) => [...hasCodec('h264')(seen), ...hasCodec('hevc')(seen)],
  g711: (seen) => [...isWhole(seen), ...hasSound(seen)],
  aac: (seen) => [...isWhole(seen), ...hasSound(seen)],
  mutedMidway: (seen) => [...isWhole(seen), ...hasSound(seen)],
  mutedG711: (seen) => [...isWhole(seen), ...hasSound(seen)],
  neverAac: hasPictures,
  neverG711: hasPictures,
  h265: hasCodec('hevc'),
  sparse: hasPictures,
  basic: hasPictures,
  digest: hasPictures,
  refusedLogin: ({ status, segments = [], offlineEvents = [] }) => [
    ...demand(segments.length === 0, 'something was recorded'),
    ...demand(offlineEvents.length === 1, `${offlineEvents.length} camera_offline events`),
    ...demand(/401/.test(status?.lastError ?? ''), `the reason is not told: ${status?.lastError}`),
    ...demand(!/wrong/.test(status?.lastError ?? ''), 'the password is told'),
  ],
};
