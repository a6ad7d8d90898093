/** Which part of a hole between segments is a gap: was meant to be recorded, is long enough, and why is it there? */
import type { GapCause } from '../store/gaps.ts';
import type { OutageSpan, Span } from '../store/gap-queries.ts';

/** Holes of up to this many whole seconds are the jitter of reconnecting. */
const toleratedSeconds = 3;

export interface PlannedGap extends Span {
  readonly cause: GapCause;
}

/**
 * The parts of `hole` that lie in intended time and last longer than is tolerated. `intended`: spans that ascend and do not overlap.
 */
export function planGaps(
  hole: Span,
  intended: readonly Span[],
  outages: readonly OutageSpan[],
): PlannedGap[] {
  return joined(intended)
    .map(({ start, end }) => ({ start: Math.max(start, hole.start), end: Math.min(end, hole.end) }))
    .filter(({ start, end }) => Math.floor((end - start) / 1000) > toleratedSeconds)
    .map((gap) => ({ ...gap, cause: causeOf(gap, outages) ?? ('unknown' as const) }));
}

/** What is meant for another reason from some moment on is meant without a break. */
function joined(spans: readonly Span[]): Span[] {
  const whole: Span[] = [];
  for (const span of spans) {
    const last = whole.at(-1);
    if (last?.end === span.start) whole[whole.length - 1] = { start: last.start, end: span.end };
    else whole.push(span);
  }
  return whole;
}

/** The cause that fills most of that time; null when no outage touches it. */
export function causeOf(gap: Span, outages: readonly OutageSpan[]): OutageSpan['cause'] | null {
  const shares = new Map<OutageSpan['cause'], number>();
  for (const { start, end, cause } of outages) {
    const share = Math.min(end ?? gap.end, gap.end) - Math.max(start, gap.start);
    if (share > 0) shares.set(cause, (shares.get(cause) ?? 0) + share);
  }
  let most: OutageSpan['cause'] | null = null;
  for (const [cause, share] of shares) if (most === null || share > (shares.get(most) ?? 0)) most = cause;
  return most;
}
