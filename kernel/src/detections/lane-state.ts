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
      const view = new CallView(values, bytes);
      return {
        state: view,
        delta: view.delta,
        keep: () => keep(view.delta, view.grown),
        close: () => view.close(),
      };
    },
  };
}

/**
 * A class, not an object with a getter: V8 gives each of the latter a hidden class of its own, which lives in the old generation and
 * keeps what the call had in hand alive until the next full collection.
 */
class CallView implements KeyedState {
  readonly delta = new Map<string, string | null>();
  /** By how much `delta` makes the lane larger. */
  grown = 0;
  readonly #values: ReadonlyMap<string, string>;
  readonly #bytes: number;
  #isOpen = true;

  constructor(values: ReadonlyMap<string, string>, bytes: number) {
    this.#values = values;
    this.#bytes = bytes;
  }

  get<Value>(key: string): Value | undefined {
    const text = this.#current(key.toWellFormed());
    return text === undefined ? undefined : (JSON.parse(text) as Value);
  }

  has(key: string): boolean {
    return this.#current(key.toWellFormed()) !== undefined;
  }

  set(key: string, value: unknown): void {
    const text = JSON.stringify(value) as string | undefined;
    if (text === undefined)
      throw new TypeError(`fx.state.set('${key}', …): the value is not JSON; use delete to forget it`);
    if (text.length > valueBytes)
      throw new Error(`fx.state.set('${key}', …): ${text.length} bytes exceed ${valueBytes}`);
    const stored = key.toWellFormed();
    if (text !== this.#current(stored)) this.#change(stored, text);
  }

  delete(key: string): void {
    const stored = key.toWellFormed();
    if (this.#current(stored) !== undefined) this.#change(stored, null);
  }

  *entries<Value>(prefix = ''): IterableIterator<[string, Value]> {
    for (const key of this.#keys(prefix)) {
      const text = this.#current(key);
      if (text !== undefined) yield [key, JSON.parse(text) as Value];
    }
  }

  get size(): number {
    return this.#keys('').length;
  }

  close(): void {
    this.#isOpen = false;
  }

  #current(key: string): string | undefined {
    const changed = this.delta.get(key);
    return changed === undefined ? this.#values.get(key) : (changed ?? undefined);
  }

  #change(key: string, value: string | null): void {
    if (!this.#isOpen)
      throw new Error('fx.state was used after its call had ended; await everything before consume resolves');
    const growth = sizeOf(key, value ?? undefined) - sizeOf(key, this.#current(key));
    if (growth > 0 && this.#bytes + this.grown + growth > laneStateBytes) throw new Error(tooMuch);
    this.grown += growth;
    this.delta.set(key, value);
  }

  #keys(prefix: string): string[] {
    const all = new Set<string>();
    for (const key of this.#values.keys()) if (key.startsWith(prefix)) all.add(key);
    for (const [key, value] of this.delta) {
      if (value === null) all.delete(key);
      else if (key.startsWith(prefix)) all.add(key);
    }
    return [...all].sort();
  }
}

const tooMuch = `fx.state would exceed ${laneStateBytes} bytes in this lane; delete what is no longer needed`;

function sizeOf(key: string, value: string | undefined): number {
  return value === undefined ? 0 : key.length + value.length;
}
