/** Since when is recording meant to happen, camera by camera? Kept in the store, so that a gap can be told from a pause. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Camera } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import { messageOf } from '../errors.ts';
import { lastIntent } from '../store/intent-queries.ts';
import { enabledSchedules } from '../store/schedule-queries.ts';
import type { Store } from '../store/store.ts';
import { intentsOfDowntime } from './downtime-intents.ts';
import type { RecordingDecision, RecordingReason } from './policy.ts';
import type { TriggerWindow } from './trigger-windows.ts';

type IntendedCamera = Pick<Camera, 'id' | 'incarnation' | 'preRollSeconds'>;

export interface IntentKeeper {
  /** Notes what is meant from now on; answers since when it is, ms since the epoch. Never rejects: recording does not wait for its books. */
  note(camera: IntendedCamera, decision: RecordingDecision, trigger: TriggerWindow | null): Promise<number>;
  /** That life of a camera is over: nothing is meant any more. */
  forget(incarnation: number): Promise<void>;
  /** Notes what was meant between `from` (ms since the epoch), when a kernel was last known to run, and now. */
  noteDowntime(camera: Camera, trigger: TriggerWindow | null, from: number): Promise<void>;
}

interface OpenIntent {
  readonly reason: RecordingReason;
  /** ms since the epoch. */
  readonly since: number;
  /** When that was, monotonic ms; null: noted by an earlier kernel. */
  readonly begun: number | null;
}

export function createIntentKeeper(options: {
  store: Pick<Store, 'read' | 'write'>;
  clock: Clock;
  /** The time of footage, ms since the epoch: what was meant is compared with what was recorded. */
  footageNow: () => number;
  log: Logger;
  /** Of cameras that have none. */
  timeZone: string;
}): IntentKeeper {
  const { store, clock, footageNow, log } = options;
  const known = new Map<number, OpenIntent | null>();
  /** Since when a camera waits for a trigger with its ring: a pre-roll can't begin before. By incarnation. */
  const armedSince = new Map<number, number>();

  const open = (incarnation: number): OpenIntent | null => {
    const noted = known.get(incarnation);
    if (noted !== undefined) return noted;
    const last = lastIntent(store.read, incarnation);
    return last === undefined || last.endTime !== null
      ? null
      : { reason: last.reason, since: last.startTime, begun: null };
  };
  /** What is open lasted as long as it did, also when the time of footage was set back before its start. */
  const endOf = (before: OpenIntent | null, at: number): number =>
    before === null || at > before.since || before.begun === null
      ? at
      : before.since + Math.round(clock.monotonic() - before.begun);
  const change = async (incarnation: number, reason: RecordingReason | null, from: number) => {
    const at = endOf(open(incarnation), from);
    try {
      const since = await store.write('intents.change', { incarnation, reason, at });
      const begun = clock.monotonic();
      known.set(incarnation, reason === null || since === null ? null : { reason, since, begun });
      return since ?? at;
    } catch (error) {
      log.error({ incarnation, reason: messageOf(error) }, 'what is meant to be recorded could not be noted');
      return at;
    }
  };

  return {
    async note({ incarnation, preRollSeconds }, decision, trigger) {
      const now = footageNow();
      /** From the wall clock to the time of footage, ms: not 0 after the clock was set back. */
      const ahead = now - clock.now();
      const before = open(incarnation);
      const armed = armedSince.get(incarnation) ?? now;
      if (decision.do === 'record') {
        if (before?.reason === decision.reason) return before.since;
        armedSince.delete(incarnation);
        const isEvent = decision.reason === 'event' && trigger !== null;
        const at = isEvent
          ? Math.max(trigger.firedAt + ahead - preRollSeconds * 1000, Math.min(armed, now))
          : now;
        return await change(incarnation, decision.reason, at);
      }
      if (decision.do === 'arm') armedSince.set(incarnation, armed);
      else armedSince.delete(incarnation);
      if (before === null) return now;
      const at = before.reason === 'event' && trigger !== null ? Math.min(trigger.until + ahead, now) : now;
      return await change(incarnation, null, at);
    },
    async forget(incarnation) {
      if (open(incarnation) !== null) await change(incarnation, null, footageNow());
      known.delete(incarnation);
      armedSince.delete(incarnation);
    },
    async noteDowntime(camera, trigger, from) {
      const before = open(camera.incarnation);
      const changes = intentsOfDowntime({
        mode: camera.enabled && camera.recordEnabled ? camera.recordMode : 'continuous',
        windows: enabledSchedules(store.read, camera.id),
        timeZone: camera.timeZone ?? options.timeZone,
        before: before?.reason ?? null,
        triggeredUntil: trigger?.until ?? null,
        from: Math.max(from, before?.since ?? camera.createdAt),
        now: clock.now(),
      });
      for (const { at, reason } of changes) await change(camera.incarnation, reason, at);
    },
  };
}
