/** When was recording meant to begin and end while no kernel ran? */
import type { RecordingReason } from './policy.ts';
import type { RecordingWindow } from './window-times.ts';
import { windowState } from './windows.ts';

export interface IntentChange {
  /** ms since the epoch. */
  readonly at: number;
  readonly reason: RecordingReason | null;
}

export interface DowntimeFacts {
  readonly mode: 'continuous' | 'scheduled' | 'event' | 'scheduled_event';
  readonly windows: readonly RecordingWindow[];
  readonly timeZone: string;
  /** What was meant when the kernel was last known to run. */
  readonly before: RecordingReason | null;
  /** End of the last trigger, ms since the epoch; null: there was none. */
  readonly triggeredUntil: number | null;
  /** The kernel was last known to run, ms since the epoch. */
  readonly from: number;
  readonly now: number;
}

/** A window that opens and closes every quarter of an hour for ten days. */
const mostChanges = 2000;

/** Ascending. What is meant at `now` is decided anew by whoever asks. */
export function intentsOfDowntime(facts: DowntimeFacts): IntentChange[] {
  const { before, triggeredUntil, from, now, mode } = facts;
  const changes: IntentChange[] = [];
  if (before === 'event' && triggeredUntil !== null && triggeredUntil < now)
    changes.push({ at: Math.max(triggeredUntil, from), reason: null });
  if (mode !== 'scheduled' && mode !== 'scheduled_event') return changes;
  for (let at = from; changes.length < mostChanges;) {
    const { changesAt } = windowState(facts.windows, facts.timeZone, at);
    if (changesAt === null || changesAt >= now) break;
    const { isOpen } = windowState(facts.windows, facts.timeZone, changesAt);
    changes.push({ at: changesAt, reason: isOpen ? 'scheduled' : null });
    at = changesAt;
  }
  return changes.sort((a, b) => a.at - b.at);
}
