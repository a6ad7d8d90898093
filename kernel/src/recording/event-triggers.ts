/** Which events have a camera recorded? Followed in the journal, behind the commits, so that nothing waits for it. */
import type { Logger } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import type { Journal } from '../events/journal.ts';
import { journalHead } from '../store/journal-queries.ts';
import type { Store } from '../store/store.ts';
import { journalBefore, triggeringEvents, type TriggeringEvents } from '../store/trigger-queries.ts';
import type { Fleet } from './fleet.ts';
import { takesTriggers } from './policy.ts';
import { longestPostRollMs } from './trigger-windows.ts';

export interface EventTriggers {
  /** Catches up with what was committed before and not followed; resolves when that is done. Follows the journal from then on. */
  start(): Promise<void>;
  stop(): Promise<void>;
}

/** Events looked at in one query. */
const atOnce = 500;
/** Of the events before a start, so many of the newest are looked at. */
const mostOfBefore = 5000;

export function createEventTriggers(options: {
  store: Pick<Store, 'read'>;
  journal: Pick<Journal, 'onAdvance'>;
  registry: Pick<CameraRegistry, 'get'>;
  fleet: Pick<Fleet, 'trigger'>;
  clock: Clock;
  log: Logger;
}): EventTriggers {
  const { store, journal, registry, fleet, clock, log } = options;
  const stopping = new AbortController();
  let cursor = 0;
  let head = 0;
  let isFollowing = false;
  let following = Promise.resolve();
  let stopListening: (() => void) | null = null;

  const fire = async ({ cameraId, firstAt, committedAt }: TriggeringEvents) => {
    const camera = registry.get(cameraId);
    if (camera === undefined || !takesTriggers(camera)) return;
    const now = clock.now();
    // What happened long ago, or will, is recorded as if it happened when it became known.
    const firedAt = Math.min(now, Math.max(firstAt, committedAt - camera.preRollSeconds * 1000));
    const committed = Math.min(committedAt, now);
    if (committed + camera.postRollSeconds * 1000 < now) return;
    await fleet.trigger(cameraId, firedAt, { knownAt: committed });
  };
  const follow = async () => {
    isFollowing = true;
    while (cursor < head && !stopping.signal.aborted) {
      const upTo = Math.min(head, cursor + atOnce);
      for (const events of triggeringEvents(store.read, cursor, upTo))
        await fire(events).catch((error: unknown) => {
          log.warn(
            { camera: events.cameraId, reason: messageOf(error) },
            'an event did not start a recording',
          );
        });
      cursor = upTo;
    }
    isFollowing = false;
  };
  const advance = (to: number): Promise<void> => {
    head = Math.max(head, to);
    if (!isFollowing) following = follow();
    return following;
  };

  return {
    async start() {
      cursor = journalBefore(store.read, clock.now() - longestPostRollMs, mostOfBefore);
      stopListening = journal.onAdvance((to) => {
        if (to > head) void advance(to);
      });
      await advance(journalHead(store.read));
    },
    async stop() {
      stopListening?.();
      stopping.abort();
      await following;
    },
  };
}
