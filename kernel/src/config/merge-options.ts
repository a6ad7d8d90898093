/** What a plugin's options are when several compositions give some, and where each came from. */
import { layValue } from './origin.ts';
import { isPlainObject } from './plain-object.ts';
import type { CompositionOrigin, Provenance } from './origin.ts';

export interface Options {
  /** undefined: none were given. */
  readonly value: unknown;
  /** By the dotted path of an option: `graceMinutes`, `smtp.port`. */
  readonly provenance: ReadonlyMap<string, Provenance>;
}

export const noOptions: Options = { value: undefined, provenance: new Map() };

/** Lays options over others: objects are merged, everything else (lists too) is replaced. */
export function layOptions(below: Options, value: unknown, origin: CompositionOrigin): Options {
  if (value === undefined) return below;
  const provenance = new Map(below.provenance);
  for (const leaf of leavesOf(value)) {
    const path = leaf.keys.join('.');
    if (isEmptyObject(leaf.value) && holdsBelow(path, provenance)) continue; // merging it changes nothing
    const hidden = hiddenBy(path, provenance);
    const before = provenance.get(path) ?? hidden.map((name) => provenance.get(name))[0];
    for (const name of hidden) provenance.delete(name);
    provenance.set(path, layValue(before, leaf.value, { ...origin, keys: [...origin.keys, ...leaf.keys] }));
  }
  return { value: merge(below.value, value), provenance };
}

function holdsBelow(path: string, provenance: ReadonlyMap<string, Provenance>): boolean {
  return path === '' || [...provenance.keys()].some((other) => isBelow(path, other));
}

/** Options below or above `path`: a text in the place of an object hides what the object held, and the reverse. */
function hiddenBy(path: string, provenance: ReadonlyMap<string, Provenance>): string[] {
  return [...provenance.keys()].filter(
    (other) => other !== path && (isBelow(path, other) || isBelow(other, path)),
  );
}

const isBelow = (outer: string, inner: string): boolean => outer === '' || inner.startsWith(`${outer}.`);

function merge(below: unknown, above: unknown): unknown {
  if (!isPlainObject(above)) return above;
  const merged: Record<string, unknown> = isPlainObject(below) ? { ...below } : {};
  for (const [key, value] of Object.entries(above))
    if (value !== undefined) define(merged, key, merge(merged[key], value));
  return merged;
}

/** A key named `__proto__` is data too. */
function define(object: object, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, writable: true, configurable: true });
}

interface OptionLeaf {
  readonly keys: readonly string[];
  readonly value: unknown;
}

function leavesOf(value: unknown): OptionLeaf[] {
  if (value === undefined) return [];
  if (!isPlainObject(value) || isEmptyObject(value)) return [{ keys: [], value }];
  return Object.entries(value).flatMap(([key, inner]) =>
    leavesOf(inner).map((leaf) => ({ keys: [key, ...leaf.keys], value: leaf.value })),
  );
}

function isEmptyObject(value: unknown): boolean {
  return isPlainObject(value) && Object.keys(value).length === 0;
}
