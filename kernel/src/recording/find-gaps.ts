/** Which gaps does a segment end that has just closed? */
import { outagesWithin, type Span } from '../store/gap-queries.ts';
import { intendedSpans, lastIntent } from '../store/intent-queries.ts';
import { lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { planGaps, type PlannedGap } from './gap-plan.ts';
import type { IndexedRun } from './indexer.ts';
import type { ClockJump } from './recording-clock.ts';

/** A camera's first segment ends none. Time that a step of the clock skipped is noted as that, and is no gap: it never passed. */
export async function findGaps(
  store: Pick<Store, 'read' | 'write'>,
  run: IndexedRun,
  startTime: number,
  jumps: readonly ClockJump[],
): Promise<PlannedGap[]> {
  const { camera } = run;
  const { incarnation } = camera;
  const covered = run.previousEnd ?? lastSegment(store.read, camera.id, startTime)?.endTime;
  if (covered === undefined || startTime <= covered) return [];
  const start = covered + skippedMs({ start: covered, end: startTime }, jumps);
  if (start > covered)
    await store.write('outages.add', { incarnation, start: covered, end: start, cause: 'clock_jump' });
  const hole = { start, end: startTime };
  const intended = intendedWithin(store, run, hole);
  return planGaps(hole, intended, outagesWithin(store.read, incarnation, hole.start, hole.end));
}

/** At most the hole itself. A step is noticed when a file closes, so where in the hole it fell is not known to the second. */
function skippedMs(hole: Span, jumps: readonly ClockJump[]): number {
  const skipped = jumps
    .filter((jump) => jump.end > hole.start && jump.start < hole.end)
    .reduce((sum, jump) => sum + Math.round(jump.end - jump.start), 0);
  return Math.min(skipped, hole.end - hole.start);
}

/** Where no intent was ever noted of the camera, the run says since when it is meant. */
function intendedWithin(
  { read }: Pick<Store, 'read'>,
  { camera, intendedSince }: IndexedRun,
  hole: Span,
): Span[] {
  if (lastIntent(read, camera.incarnation) === undefined) return [{ start: intendedSince, end: hole.end }];
  return intendedSpans(read, camera.incarnation, hole.start, hole.end).map(({ startTime, endTime }) => ({
    start: startTime,
    end: endTime ?? hole.end,
  }));
}
