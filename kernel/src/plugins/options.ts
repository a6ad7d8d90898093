/** Are the options of a composition what the plugin's schema asks for? */
import type { PluginDefinition } from '@heldar/plugin-sdk';
import { showValue } from '../config/mask.ts';

export type CheckedOptions =
  | { readonly ok: true; readonly options: unknown }
  | {
      readonly ok: false;
      readonly problems: readonly { path: readonly (string | number)[]; message: string; value: unknown }[];
    };

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

/** `config.graceMinutes: expected number, got "10"`; values that are secret by their name are hidden. */
export function describeProblem(problem: {
  path: readonly (string | number)[];
  message: string;
  value: unknown;
}): string {
  const name = ['config', ...problem.path].join('.');
  const got = problem.value === undefined ? 'nothing' : showValue(name, problem.value);
  return `${name}: ${problem.message}, got ${got.length > 80 ? `${got.slice(0, 80)}…` : got}`;
}
