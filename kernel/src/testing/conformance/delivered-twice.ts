/** What does a consumer do when its first call for a record comes to nothing, and it is called again? */
import type { KeyedState } from '@heldar/plugin-sdk';
import type { Around, CallKind, Fx } from '../wrap-plugin.ts';

const delivered: ReadonlySet<CallKind> = new Set(['batch', 'record', 'tick']);

/** Calls the plugin twice for each record and tick; the effects of the first call are dropped, as after a crash before their commit. */
export function deliverTwice(): Around {
  /** The effects of the call that runs are dropped. */
  let isRehearsal = false;
  return {
    effects: (_, fx) => (isRehearsal ? droppedEffects(fx) : fx),
    call(call, run) {
      if (!delivered.has(call.kind)) return run();
      isRehearsal = true;
      let first: unknown;
      try {
        first = run();
      } finally {
        isRehearsal = false;
      }
      if (!(first instanceof Promise)) return run();
      return first.then(() => run()) as ReturnType<typeof run>;
    },
  };
}

/** Reads go through; everything else leaves no trace. */
function droppedEffects(fx: Fx): Fx {
  let ids = 0;
  return {
    now: fx.now,
    state: droppedState(fx.state),
    id: (prefix) =>
      `${prefix}_${fx.now.toString(16).padStart(12, '0')}${String((ids += 1)).padStart(20, '0')}`,
    write: () => undefined,
    emit: () => '00000000-0000-4000-8000-000000000000',
    keepFrame: () => null,
    read: (query) => fx.read(query),
  };
}

function droppedState(state: KeyedState): KeyedState {
  /** JSON text, or null for a deletion. */
  const changes = new Map<string, string | null>();
  const entries = () => {
    const merged = new Map<string, unknown>(state.entries());
    for (const [key, text] of changes)
      if (text === null) merged.delete(key);
      else merged.set(key, JSON.parse(text));
    return [...merged].sort(([a], [b]) => (a < b ? -1 : 1));
  };
  return {
    get<Value>(key: string) {
      const text = changes.get(key);
      if (text === undefined) return state.get<Value>(key);
      return text === null ? undefined : (JSON.parse(text) as Value);
    },
    set: (key, value) => void changes.set(key, JSON.stringify(value)),
    delete: (key) => void changes.set(key, null),
    has: (key) => (changes.has(key) ? changes.get(key) !== null : state.has(key)),
    entries: <Value>(prefix = '') =>
      entries()
        .filter(([key]) => key.startsWith(prefix))
        .values() as IterableIterator<[string, Value]>,
    get size() {
      return entries().length;
    },
  };
}
