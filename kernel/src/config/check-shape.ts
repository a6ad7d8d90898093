/** What a composition gets wrong in its shape: members nobody knows, plugins that are none. */
import { isPlainObject } from './plain-object.ts';
import type { Layer } from './load-layers.ts';
import type { Keys, Problem } from './origin.ts';
import { readPluginEntry } from './plugin-source.ts';
import { settingPaths } from './settings.ts';
import { nearest } from './nearest.ts';

export const environments = ['development', 'production', 'test'] as const;
export type Environment = (typeof environments)[number];

const compositionMembers = ['extends', 'plugins', 'disable', ...environments];

/** The values of settings are checked where they are read. */
export function checkShape(layer: Layer): Problem[] {
  const { config } = layer;
  return [
    ...checkMembers(config, [], layer, compositionMembers),
    ...checkTexts(config['extends'], ['extends'], layer, typeof config['extends'] === 'string'),
    ...checkTexts(config['disable'], ['disable'], layer, false),
    ...checkEntries(config['plugins'], layer),
    ...environments.flatMap((environment) => checkSection(config[environment], environment, layer)),
  ];
}

function checkSection(section: unknown, environment: Environment, layer: Layer): Problem[] {
  if (section === undefined) return [];
  if (!isPlainObject(section)) return [problem([environment], 'expected an object', layer)];
  const problems = checkMembers(section, [environment], layer, ['plugins']);
  const overrides = section['plugins'];
  if (overrides === undefined) return problems;
  const keys = [environment, 'plugins'];
  if (!isPlainObject(overrides))
    return [...problems, problem(keys, 'expected an object with a member per plugin', layer)];
  for (const [name, value] of Object.entries(overrides))
    if (value !== false && !isPlainObject(value))
      problems.push(problem([...keys, name], 'expected false or an object with options', layer));
  return problems;
}

/** Members of the composition or a section, and of the groups of settings in it. */
function checkMembers(value: object, keys: Keys, layer: Layer, others: readonly string[]): Problem[] {
  const known = new Set([...others, ...settingPaths.map((path) => path.split('.')[0] ?? '')]);
  return Object.entries(value).flatMap(([key, inner]) => {
    if (!known.has(key)) return [unknownMember([...keys, key], known, layer)];
    return inner === undefined ? [] : checkGroup(key, inner, [...keys, key], layer);
  });
}

function checkGroup(name: string, value: unknown, keys: Keys, layer: Layer): Problem[] {
  const members = settingPaths
    .filter((path) => path.startsWith(`${name}.`))
    .map((path) => path.slice(name.length + 1));
  if (members.length === 0) return [];
  if (!isPlainObject(value)) return [problem(keys, 'expected an object', layer)];
  return Object.keys(value)
    .filter((key) => !members.includes(key))
    .map((key) => unknownMember([...keys, key], members, layer));
}

function checkEntries(entries: unknown, layer: Layer): Problem[] {
  if (entries === undefined) return [];
  if (!Array.isArray(entries)) return [problem(['plugins'], 'expected a list', layer)];
  const expected = 'expected the name of a package, a path, use(() => import(…)) or an imported plugin';
  return entries.flatMap((entry: unknown, index) =>
    readPluginEntry(entry, layer.folder) === null ? [problem(['plugins', index], expected, layer)] : [],
  );
}

function checkTexts(value: unknown, keys: Keys, layer: Layer, oneWillDo: boolean): Problem[] {
  if (value === undefined || oneWillDo) return [];
  if (!Array.isArray(value)) return [problem(keys, 'expected a list of texts', layer)];
  return value.flatMap((item: unknown, index) =>
    typeof item === 'string' ? [] : [problem([...keys, index], 'expected a text', layer)],
  );
}

function unknownMember(keys: Keys, known: Iterable<string>, layer: Layer): Problem {
  const guess = nearest(String(keys.at(-1)), known);
  return problem(keys, 'no such setting', layer, guess && `did you mean ${guess}?`);
}

function problem(keys: Keys, text: string, { file }: Layer, next?: string | null): Problem {
  const found = { text: `${keys.join('.')}: ${text}`, origin: { kind: 'composition', file, keys } as const };
  return next ? { ...found, next } : found;
}
