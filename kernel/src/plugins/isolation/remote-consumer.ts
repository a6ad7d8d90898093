/** How does a call of a consumer reach its isolate? With the record as text, and with the lane's state only where the isolate does not have it. */
import type { EffectScope } from '../../detections/effects.ts';
import type { LaneState } from '../../detections/lane-state.ts';
import type { LogRecord } from '../../detections/record.ts';
import type { RemoteRun } from '../../detections/remote-run.ts';
import { checkedStep, type Allowed } from './checked-effects.ts';
import type { Keeper } from './keeper.ts';
import type { StateReference } from './protocol.ts';

export interface RemoteConsumers {
  runOf(consumer: string): RemoteRun;
  /** Resolves once all earlier effects of the lane of a running call are committed. */
  settled(call: number): Promise<void>;
}

/** Several plugins get the same record: its text is made once. */
const texts = new WeakMap<LogRecord, string>();

export function createRemoteConsumers(keeper: Pick<Keeper, 'call'>, allowed: Allowed): RemoteConsumers {
  const scopes = new Map<number, EffectScope>();
  const known = new WeakMap<LaneState, { readonly id: number; readonly incarnation: number }>();
  let lastCall = 0;
  let lastState = 0;

  const refer = (state: LaneState, incarnation: number): StateReference => {
    const before = known.get(state);
    const { revision } = state;
    if (before?.incarnation === incarnation) return { id: before.id, revision };
    const id = (lastState += 1);
    known.set(state, { id, incarnation });
    return { id, revision, entries: state.all() };
  };

  return {
    runOf:
      (consumer) =>
      async ({ scope, cause, work, state, signal }) => {
        const call = (lastCall += 1);
        scopes.set(call, scope);
        try {
          const reply = await keeper.call(
            'consume',
            (incarnation) => ({
              call,
              consumer,
              lane: scope.lane,
              work: work.kind === 'tick' ? { tick: work.at, cameraId: cause.cameraId } : textOf(work),
              state: refer(state, incarnation),
            }),
            signal,
          );
          return checkedStep(allowed, cause, reply);
        } catch (error) {
          known.delete(state);
          throw error;
        } finally {
          scopes.delete(call);
        }
      },
    async settled(call) {
      await scopes.get(call)?.settled();
    },
  };
}

function textOf(record: LogRecord): string {
  let text = texts.get(record);
  if (text === undefined) texts.set(record, (text = JSON.stringify(record)));
  return text;
}
