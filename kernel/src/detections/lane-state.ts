/** Durable keyed state of one lane as its consumer sees it: JSON text, committed values under the changes of the running call. */
import type { KeyedState } from '@heldar/plugin-sdk';

export const laneStateBytes = 16 * 1024 * 1024;
export const valueBytes = 1024 * 1024;

export interface LaneState {
  /** A view for one call; what it changes stays in `delta` until `keep`. */
  open(): { state: KeyedState; delta: ReadonlyMap<string, string | null>; keep(): void; close(): void };
  /** The changes that a call made elsewhere, from this state; as `open`, without a view. @throws when the lane would grow beyond its limit. */
  adopt(delta: ReadonlyMap<string, string | null>): { keep(): void };
  readonly size: number;
  /** How many calls have been kept: with the state's identity it says which values there are. */
  readonly revision: number;
  /** A copy of all values. */
  all(): [string, string][];
}

/**
 * `values`: what the database holds. Lengths are counted in UTF-16 code units of key and text. Half of a surrogate pair in a key stands
 * for U+FFFD, as in the database, so that a lane finds the same after a restart.
 */
export function createLaneState(values: Map<string, string>): LaneState {
  let bytes = 0;
  let revision = 0;
  for (const [key, value] of values) bytes += key.length + value.length;

  const keep = (delta: ReadonlyMap<string, string | null>, grown: number) => {
    for (const [key, value] of delta) {
      if (value === null) values.delete(key);
      else values.set(key, value);
    }
    bytes += grown;
    revision += 1;
  };

  return {
    get size() {
      return values.size;
    },
    get revision() {
      return revision;
    },
    all: () => [...values],
    adopt(delta) {
      let grown = 0;
      for (const [key, value] of delta) {
        const before = values.get(key);
        grown += sizeOf(key, value ?? undefined) - sizeOf(key, before);
        if ((value?.length ?? 0) > valueBytes)
          throw new Error(`fx.state.set('${key}', …): ${value?.length} bytes exceed ${valueBytes}`);
      }
      if (grown > 0 && bytes + grown > laneStateBytes) throw new Error(tooMuch);
      return { keep: () => keep(delta, grown) };
    },
    open() {
      const delta = new Map<string, string | null>();
      let grown = 0;
      let isOpen = true;
      const current = (key: string): string | undefined => {
        const changed = delta.get(key);
        return changed === undefined ? values.get(key) : (changed ?? undefined);
      };
      const change = (key: string, value: string | null) => {
        if (!isOpen)
          throw new Error(
            'fx.state was used after its call had ended; await everything before consume resolves',
          );
        const before = current(key);
        const growth = sizeOf(key, value ?? undefined) - sizeOf(key, before);
        if (growth > 0 && bytes + grown + growth > laneStateBytes) throw new Error(tooMuch);
        grown += growth;
        delta.set(key, value);
      };
      const keys = (prefix: string) => {
        const all = new Set<string>();
        for (const key of values.keys()) if (key.startsWith(prefix)) all.add(key);
        for (const [key, value] of delta) {
          if (value === null) all.delete(key);
          else if (key.startsWith(prefix)) all.add(key);
        }
        return [...all].sort();
      };
      const state: KeyedState = {
        get<Value>(key: string) {
          const text = current(key.toWellFormed());
          return text === undefined ? undefined : (JSON.parse(text) as Value);
        },
        has: (key) => current(key.toWellFormed()) !== undefined,
        set(key, value) {
          const text = JSON.stringify(value) as string | undefined;
          if (text === undefined)
            throw new TypeError(`fx.state.set('${key}', …): the value is not JSON; use delete to forget it`);
          if (text.length > valueBytes)
            throw new Error(`fx.state.set('${key}', …): ${text.length} bytes exceed ${valueBytes}`);
          const stored = key.toWellFormed();
          if (text !== current(stored)) change(stored, text);
        },
        delete(key) {
          const stored = key.toWellFormed();
          if (current(stored) !== undefined) change(stored, null);
        },
        *entries<Value>(prefix = '') {
          for (const key of keys(prefix)) {
            const text = current(key);
            if (text !== undefined) yield [key, JSON.parse(text) as Value] as [string, Value];
          }
        },
        get size() {
          return keys('').length;
        },
      };
      return {
        state,
        delta,
        keep: () => keep(delta, grown),
        close() {
          isOpen = false;
        },
      };
    },
  };
}

const tooMuch = `fx.state would exceed ${laneStateBytes} bytes in this lane; delete what is no longer needed`;

function sizeOf(key: string, value: string | undefined): number {
  return value === undefined ? 0 : key.length + value.length;
}
