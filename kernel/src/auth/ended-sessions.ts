/** Sessions that are over are no more than rows: nobody gets in with one, and they go from time to time. */
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';

export const sweepSessionsMs = 10 * 60_000;
/** Rows a step. */
const stepRows = 500;

/** `idleMs`: unused for longer they are over; 0: however long. */
export async function sweepSessions(
  store: Pick<Store, 'write'>,
  clock: Pick<Clock, 'now'>,
  idleMs: number,
): Promise<void> {
  const idleBefore = idleMs === 0 ? 0 : clock.now() - idleMs - sweepSessionsMs;
  while ((await store.write('user-sessions.sweep', { idleBefore, limit: stepRows })) === stepRows);
}
