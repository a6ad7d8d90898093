/** How is a consumer called whose code runs elsewhere? What it recorded there comes back as data, and counts as if it had been recorded here. */
import type { LaneStep } from '../store/units.ts';
import type { ActiveConsumer, Outcome, RunContext } from './consumer-run.ts';
import type { Cause, EffectScope } from './effects.ts';
import type { LaneState } from './lane-state.ts';
import type { LogRecord } from './record.ts';

export type RemoteWork = LogRecord | { readonly kind: 'tick'; readonly at: number };

export interface RemoteCall {
  readonly scope: EffectScope;
  readonly cause: Cause;
  readonly work: RemoteWork;
  readonly state: LaneState;
  /** Aborted when the call is given up. */
  readonly signal: AbortSignal;
}

export interface RemoteAnswer {
  readonly step: Pick<LaneStep, 'writes' | 'events' | 'evidence' | 'state'>;
  /** Detections that did not fit the consumer's schema. */
  readonly skipped: number;
}

export type RemoteRun = (call: RemoteCall) => Promise<RemoteAnswer>;

const remoteMark: unique symbol = Symbol('heldar.remote-consumer');

/** The same definition, run elsewhere. */
export function markRemote<Definition extends object>(definition: Definition, run: RemoteRun): Definition {
  return { ...definition, [remoteMark]: run };
}

export function remoteRunOf(definition: object): RemoteRun | undefined {
  return (definition as { [remoteMark]?: RemoteRun })[remoteMark];
}

/** `run` answers or rejects within the consumer's time, or its call is given up. */
export async function runRemotely(
  context: RunContext,
  consumer: ActiveConsumer,
  run: RemoteRun,
  call: Omit<RemoteCall, 'scope' | 'signal'>,
): Promise<Outcome> {
  const { clock, watch, effectScope: scope } = context;
  const label = `${consumer.plugin}.${consumer.name}`;
  const abort = new AbortController();
  const begun = clock.monotonic();
  let cancel = () => {};
  const late = new Promise<never>((_, reject) => {
    cancel = clock.after(consumer.timeoutMs, () => {
      const error = new Error(`${label} did not finish within ${consumer.timeoutMs} ms`);
      reject(error);
      abort.abort(error);
    });
  });
  try {
    const { step, skipped } = await Promise.race([run({ ...call, scope, signal: abort.signal }), late]);
    const adopted = call.state.adopt(step.state);
    consumer.skippedDetections += skipped;
    const isEmpty = step.writes.length + step.events.length + step.evidence.length + step.state.size === 0;
    return { effects: { step, isEmpty: () => isEmpty, keep: adopted.keep } };
  } catch (error) {
    return { error };
  } finally {
    cancel();
    watch.took(label, clock.monotonic() - begun);
  }
}
