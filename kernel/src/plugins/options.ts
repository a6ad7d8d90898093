/** Are the options of a composition what the plugin's schema asks for? */
import type { PluginDefinition } from '@heldar/plugin-sdk';
import { showValue } from '../config/mask.ts';
import { formatPath } from '../http/field-path.ts';

export interface OptionProblem {
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** What the composition says there. */
  readonly value: unknown;
}

export type CheckedOptions =
  | { readonly ok: true; readonly options: unknown }
  | { readonly ok: false; readonly problems: readonly OptionProblem[] };

export async function checkOptions(definition: PluginDefinition, raw: unknown): Promise<CheckedOptions> {
  if (definition.config === undefined) {
    if (raw === undefined || (typeof raw === 'object' && raw !== null && Object.keys(raw).length === 0))
      return { ok: true, options: {} };
    return { ok: false, problems: [{ path: [], message: 'this plugin takes no options', value: raw }] };
  }
  const outcome = await definition.config['~standard'].validate(raw ?? {});
  if (outcome.issues === undefined) return { ok: true, options: outcome.value };
  return {
    ok: false,
    problems: outcome.issues.map((issue) => {
      const path = (issue.path ?? [])
        .map((part) => (typeof part === 'object' ? part.key : part))
        .map((key) => (typeof key === 'number' ? key : String(key)));
      return { path, message: issue.message, value: valueAt(raw, path) };
    }),
  };
}

function valueAt(raw: unknown, path: readonly (string | number)[]): unknown {
  let value = raw;
  for (const key of path)
    value =
      typeof value === 'object' && value !== null
        ? (value as Record<string, unknown>)[String(key)]
        : undefined;
  return value;
}

const longestShown = 80;

/** `config.graceMinutes: expected number, got "10"`; values that are secret by their name are hidden. */
export function describeProblem({ path, message, value }: OptionProblem): string {
  const name = formatPath(['config', ...path]);
  if (path.length === 0) return `${name}: ${expectation(message)}`;
  const got = value === undefined ? 'nothing' : showValue(name, value);
  const shown = got.length > longestShown ? `${got.slice(0, longestShown)}…` : got;
  return `${name}: ${expectation(message)}, got ${shown}`;
}

/** zod says `Invalid input: expected number, received string`; the value itself tells the second half better. */
function expectation(message: string): string {
  const expected = /^Invalid input: (expected .+?), received .+$/.exec(message)?.[1];
  return expected ?? message.charAt(0).toLowerCase() + message.slice(1);
}
