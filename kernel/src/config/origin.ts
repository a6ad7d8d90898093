/** Where a value came from, and what it replaced. */

/** Where in a composition: `['plugins', 1, 'config', 'graceMinutes']`. */
export type Keys = readonly (string | number)[];

/** A value written in a composition; `file` is null when a program handed the composition in. */
export interface CompositionOrigin {
  readonly kind: 'composition';
  readonly file: string | null;
  readonly keys: Keys;
}

/** A value of a variable; `file` and `line` name the `.env` file that set it, else it came with the environment. */
export interface VariableOrigin {
  readonly kind: 'variable';
  readonly name: string;
  readonly file: string | null;
  readonly line: number | null;
}

/** `of`: the setting that the default is made of. */
export interface DefaultOrigin {
  readonly kind: 'default';
  readonly of?: string;
}

export type Origin = DefaultOrigin | CompositionOrigin | VariableOrigin;

export interface Provenance {
  readonly value: unknown;
  readonly origin: Origin;
  /** What this value took the place of, the nearest first. */
  readonly replaced: readonly { readonly value: unknown; readonly origin: Origin }[];
  /** How the value differs from what its origin says. */
  readonly note?: string;
}

/** A value laid over what was there. */
export function layValue(
  below: Provenance | undefined,
  value: unknown,
  origin: Origin,
  note?: string,
): Provenance {
  const replaced = below ? [{ value: below.value, origin: below.origin }, ...below.replaced] : [];
  return note === undefined ? { value, origin, replaced } : { value, origin, replaced, note };
}

/** Something the configuration gets wrong. */
export interface Problem {
  readonly text: string;
  readonly origin: Origin;
  /** What to do about it. */
  readonly next?: string;
}
