/** Which gaps does a segment end that has just closed? */
import { outagesWithin, type OutageSpan, type Span } from '../store/gap-queries.ts';
import { intendedSpans, lastIntent } from '../store/intent-queries.ts';
import { lastSegment } from '../store/segment-queries.ts';
import type { Store } from '../store/store.ts';
import { planGaps, type PlannedGap } from './gap-plan.ts';
import type { IndexedRun } from './indexer.ts';
import type { ClockJump } from './recording-clock.ts';

/** A camera's first segment ends none. Jumps of the clock within the hole are noted as what they are. */
export async function findGaps(
  store: Pick<Store, 'read' | 'write'>,
  run: IndexedRun,
  startTime: number,
  jumps: readonly ClockJump[],
): Promise<PlannedGap[]> {
  const { camera } = run;
  const start = run.previousEnd ?? lastSegment(store.read, camera.id, startTime)?.endTime;
  if (start === undefined || startTime <= start) return [];
  const hole = { start, end: startTime };
  const { incarnation } = camera;
  const jumped: OutageSpan[] = jumps
    .filter((jump) => jump.end > hole.start && jump.start < hole.end)
    .map((jump) => ({
      start: Math.max(jump.start, hole.start),
      end: Math.min(jump.end, hole.end),
      cause: 'clock_jump',
    }));
  for (const jump of jumped)
    await store.write('outages.add', {
      incarnation,
      start: jump.start,
      end: jump.end ?? hole.end,
      cause: jump.cause,
    });
  const intended = intendedWithin(store, run, hole);
  const noted = outagesWithin(store.read, incarnation, hole.start, hole.end);
  return planGaps(hole, intended, [...noted.filter(({ cause }) => cause !== 'clock_jump'), ...jumped]);
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
