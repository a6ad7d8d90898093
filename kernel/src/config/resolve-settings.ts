/** What each setting is when all layers of the composition and the environment are taken together. */
import type { Env, EnvFile } from './env-file.ts';
import { isPlainObject } from './plain-object.ts';
import { layValue } from './origin.ts';
import type { Keys, Origin, Problem, Provenance } from './origin.ts';
import type { Layer } from './load-layers.ts';
import { showValue } from './mask.ts';
import { readValue, readVariable } from './read-setting.ts';
import type { Reading } from './read-setting.ts';
import { settingAt, settingPaths } from './settings.ts';
import type { SettingPath, Settings } from './settings.ts';

export interface SettingSources {
  /** The deepest base first. */
  readonly layers: readonly Layer[];
  readonly environment: string;
  readonly env: Env;
  readonly envFile: EnvFile | null;
  readonly cwd: string;
}

export interface ResolvedSettings {
  readonly settings: Settings;
  readonly provenance: ReadonlyMap<SettingPath, Provenance>;
}

/** Values that can't be used are added to `problems`; then the settings are not to be used either. */
export function resolveSettings(sources: SettingSources, problems: Problem[]): ResolvedSettings {
  const provenance = new Map<SettingPath, Provenance>();
  // The data folder first: defaults of others are made of it.
  for (const path of ['dataDir', ...settingPaths.filter((other) => other !== 'dataDir')] as SettingPath[])
    provenance.set(path, resolveSetting(path, sources, provenance, problems));
  const settings = {};
  for (const path of settingPaths) place(settings, path.split('.'), provenance.get(path)?.value ?? null);
  return { settings: settings as Settings, provenance };
}

function resolveSetting(
  path: SettingPath,
  sources: SettingSources,
  resolved: ReadonlyMap<SettingPath, Provenance>,
  problems: Problem[],
): Provenance {
  const setting = settingAt(path);
  let current = defaultOf(path, sources.cwd, resolved);
  for (const { value, layer, keys } of valuesOf(path, sources)) {
    const origin: Origin = { kind: 'composition', file: layer.file, keys };
    const shown = () => showValue(path, value, setting.secret);
    current = accept(
      readValue(setting, value, layer.folder),
      keys.join('.'),
      shown,
      origin,
      current,
      problems,
    );
  }
  const text = sources.env[setting.variable];
  if (text === undefined || text.trim() === '') return current;
  const line = sources.envFile?.lines.get(setting.variable) ?? null;
  const file = line === null ? null : (sources.envFile?.file ?? null);
  const origin: Origin = { kind: 'variable', name: setting.variable, file, line };
  const shown = () => showValue(setting.variable, text, setting.secret);
  return accept(readVariable(setting, text, sources.cwd), setting.variable, shown, origin, current, problems);
}

function accept(
  reading: Reading,
  name: string,
  shown: () => string,
  origin: Origin,
  current: Provenance,
  problems: Problem[],
): Provenance {
  if ('value' in reading) return layValue(current, reading.value, origin, reading.note);
  const text = 'refused' in reading ? reading.refused : `expected ${reading.expected}, got ${shown()}`;
  problems.push({ text: `${name}: ${text}`, origin });
  return current;
}

function defaultOf(
  path: SettingPath,
  cwd: string,
  resolved: ReadonlyMap<SettingPath, Provenance>,
): Provenance {
  const setting = settingAt(path);
  const given = setting.default;
  if (isDerived(given)) {
    const dataDir = String(resolved.get('dataDir')?.value);
    return layValue(undefined, given.from(dataDir), { kind: 'default', of: 'dataDir' });
  }
  const origin: Origin = { kind: 'default' };
  const reading = given === null ? { value: null } : readValue(setting, given, cwd);
  return layValue(undefined, 'value' in reading ? reading.value : null, origin);
}

function isDerived(value: unknown): value is { from: (dataDir: string) => unknown } {
  return isPlainObject(value) && 'from' in value;
}

/** The values that compositions give a setting: all files, then their sections for the environment. */
function* valuesOf(path: SettingPath, { layers, environment }: SettingSources) {
  for (const section of [[], [environment]]) {
    for (const layer of layers) {
      const keys: Keys = [...section, ...path.split('.')];
      let value: unknown = layer.config;
      for (const key of keys) value = isPlainObject(value) ? value[key] : undefined;
      if (value !== undefined) yield { value, layer, keys };
    }
  }
}

function place(target: Record<string, unknown>, keys: readonly string[], value: unknown): void {
  const [key = '', ...rest] = keys;
  if (rest.length === 0) target[key] = value;
  else place((target[key] ??= {}) as Record<string, unknown>, rest, value);
}
