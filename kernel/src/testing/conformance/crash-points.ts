/** At which points is a consumer killed? Before and after each call, at each `await` in it, and while its effects are on their way to the disk. */
import { AsyncLocalStorage, createHook } from 'node:async_hooks';
import type { Store } from '../../store/store.ts';
import type { LaneUnit } from '../../store/units.ts';
import type { Around, CallKind } from '../wrap-plugin.ts';

export interface CrashPoints {
  readonly around: Around;
  readonly wrapStore: (store: Store) => Store;
  end(): void;
}

const delivered: ReadonlySet<CallKind> = new Set(['batch', 'record', 'tick']);

interface Call {
  readonly name: string;
  awaits: number;
  isOpen: boolean;
}

/** `reached` hears of each point, by name, in the moment it is reached; true: the kernel has been killed there. */
export function markCrashPoints(reached: (point: string) => boolean): CrashPoints {
  const running = new AsyncLocalStorage<Call>();
  const promises = new Map<number, Call>();
  const hook = createHook({
    init(id, type) {
      const call = type === 'PROMISE' ? running.getStore() : undefined;
      if (call?.isOpen === true) promises.set(id, call);
    },
    before(id) {
      const call = promises.get(id);
      if (call?.isOpen !== true) return;
      call.awaits += 1;
      reached(`${call.name}, await ${call.awaits}`);
    },
    destroy: (id) => void promises.delete(id),
  }).enable();

  const end = (call: Call) => {
    call.isOpen = false;
    reached(`${call.name}, after the call`);
  };

  return {
    around: {
      call(about, run) {
        if (!delivered.has(about.kind)) return run();
        const call: Call = { name: `${about.name} ${about.cause}`, awaits: 0, isOpen: true };
        if (reached(`${call.name}, before the call`)) throw new Error('killed');
        const result = running.run(call, run);
        if (result instanceof Promise)
          return result.then((value: unknown) => {
            end(call);
            return value;
          }) as typeof result;
        end(call);
        return result;
      },
    },
    wrapStore: (store) => ({
      ...store,
      commit(unit, attachment) {
        const result = store.commit(unit, attachment);
        // The queue is sent in the next turn: then the writer has it, and nobody here will hear what became of it.
        if (unit.kind === 'lane' && hasEffects(unit)) {
          const last = unit.steps.at(-1);
          setImmediate(() => reached(`lane ${unit.lane} at ${last?.seq}/${last?.tick}, effects sent`));
        }
        return result;
      },
    }),
    end: () => void hook.disable(),
  };
}

function hasEffects({ steps }: LaneUnit): boolean {
  return steps.some(({ writes, events, state }) => writes.length + events.length + state.size > 0);
}

/** At most `limit` of them, spread evenly, the first and the last among them. */
export function spread<Value>(all: readonly Value[], limit: number): Value[] {
  if (all.length <= limit) return [...all];
  return Array.from(
    { length: limit },
    (_, index) => all[Math.round((index * (all.length - 1)) / Math.max(1, limit - 1))],
  ).filter((value) => value !== undefined);
}
