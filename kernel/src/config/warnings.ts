/** What in a usable configuration is probably not meant. */
import { environments } from './check-shape.ts';
import type { Env } from './env-file.ts';
import { isLoopback } from './loopback.ts';
import { nearest } from './nearest.ts';
import type { ResolvedPlugins } from './resolve-plugins.ts';
import type { ResolvedSettings } from './resolve-settings.ts';
import { settingAt, settingPaths } from './settings.ts';

interface Findings extends ResolvedPlugins, Pick<ResolvedSettings, 'settings'> {
  readonly env: Env;
  readonly environment: string;
}

/** Of workers and tests, not settings of a site. */
const otherVariables = new Set(['HELDAR_URL', 'HELDAR_API_KEY', 'HELDAR_FAILPOINT']);

/** Whole sentences; values of variables are not in them. */
export function findWarnings(findings: Findings): string[] {
  return [
    ...unknownVariables(findings.env),
    ...unknownPlugins(findings),
    ...openServer(findings),
    ...unknownEnvironment(findings.environment),
  ];
}

function unknownVariables(env: Env): string[] {
  const known = new Set([...settingPaths.map((path) => settingAt(path).variable), ...otherVariables]);
  return Object.entries(env).flatMap(([name, value]) => {
    if (!name.startsWith('HELDAR_') || known.has(name) || !value?.trim()) return [];
    const guess = nearest(name, known);
    return [
      `${name} is set, but this version has no such setting${guess ? `; did you mean ${guess}?` : '.'}`,
    ];
  });
}

/** Only when every plugin's name is known before it is loaded. */
function unknownPlugins({ plugins, disabled, overrides }: Findings): string[] {
  if (plugins.some(({ name }) => name === null)) return [];
  const known = [...plugins, ...disabled].map(({ name }) => name ?? '');
  const unknown = new Set(overrides.map(({ name }) => name).filter((name) => !known.includes(name)));
  return [...unknown].map((name) => {
    const guess = nearest(name, known);
    return `The composition says something about a plugin ${name}, but runs none of that name${guess ? `; did you mean ${guess}?` : '.'}`;
  });
}

function openServer({ settings }: Findings): string[] {
  const { host } = settings.api;
  if (isLoopback(host) || settings.auth.enabled) return [];
  return [
    `Whoever can reach ${host}:${settings.api.port} can see and change everything: sign-in is off (HELDAR_AUTH_ENABLED).`,
  ];
}

function unknownEnvironment(environment: string): string[] {
  if (environments.some((known) => known === environment)) return [];
  return [`NODE_ENV is ${environment}: only ${environments.join(', ')} have a section in a composition.`];
}
