/** What a site runs and with which settings: from defaults, compositions and variables, with where each value came from. */
import { resolve } from 'node:path';
import type { HeldarConfig } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { checkShape, environments } from './check-shape.ts';
import type { Environment } from './check-shape.ts';
import { configError } from './config-error.ts';
import { findConfigFile, layersOf, loadLayers } from './load-layers.ts';
import type { Layer } from './load-layers.ts';
import { loadEnvFile } from './env-file.ts';
import type { Env, EnvFile } from './env-file.ts';
import type { Problem } from './origin.ts';
import { resolvePlugins } from './resolve-plugins.ts';
import type { ResolvedPlugins } from './resolve-plugins.ts';
import { resolveSettings } from './resolve-settings.ts';
import type { ResolvedSettings } from './resolve-settings.ts';
import { findWarnings } from './warnings.ts';

export interface LoadConfigOptions {
  /** Absolute; variables' relative folders and the search for files start here. */
  cwd: string;
  /** The variables. A `.env` file adds those that are not set. */
  env: Env;
  /** A composition's file; default: the nearest `heldar.config.ts`, and without one no plugins and default settings. */
  file?: string | undefined;
  /** A composition handed in by a program instead of a file. */
  config?: HeldarConfig;
  /** Default: NODE_ENV, and without it `defaultEnvironment`. */
  environment?: string | undefined;
  /** Default: production. */
  defaultEnvironment?: Environment;
  /** Whether to look for a `.env` file; default true. */
  envFile?: boolean;
  /** Read the compositions' files anew: another number than any before. */
  fresh?: number;
}

export interface ResolvedConfig extends ResolvedSettings, ResolvedPlugins {
  /** The compositions, the deepest base first; `file` is null for one that a program handed in. */
  readonly layers: readonly Layer[];
  readonly environment: string;
  readonly envFile: EnvFile | null;
  readonly cwd: string;
  /** What is probably not meant, in whole sentences, for the log. */
  readonly warnings: readonly string[];
}

/** @throws HeldarError `config_invalid` that names everything that is wrong, with its place. */
export async function loadConfig(options: LoadConfigOptions): Promise<ResolvedConfig> {
  const { cwd, env } = options;
  const envFile = options.envFile === false ? null : loadEnvFile(cwd, env);
  const environment = environmentOf(options);
  const layers = await layersFor(options);
  const problems: Problem[] = layers.flatMap(checkShape);
  const settings = resolveSettings({ layers, environment, env, envFile, cwd }, problems);
  if (problems.length > 0) throw await configError(problems, cwd);
  const plugins = resolvePlugins(layers, environment);
  const warnings = findWarnings({ ...settings, ...plugins, env, environment });
  return { ...settings, ...plugins, layers, environment, envFile, cwd, warnings };
}

function environmentOf({ environment, env, defaultEnvironment }: LoadConfigOptions): string {
  if (environment !== undefined && !environments.some((known) => known === environment))
    throw new HeldarError('usage', `expected ${environments.join(', ')} as environment, got ${environment}`);
  const given = environment ?? env['NODE_ENV'];
  return given === undefined || given.trim() === '' ? (defaultEnvironment ?? 'production') : given;
}

async function layersFor({ cwd, file, config, fresh }: LoadConfigOptions): Promise<Layer[]> {
  if (config) return layersOf(config, cwd);
  const found = file === undefined ? findConfigFile(cwd) : resolve(cwd, file);
  return found === null ? [] : loadLayers(found, cwd, fresh);
}
