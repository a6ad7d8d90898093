/** Can these plugins run together? Decided from their manifests alone, before any of their code runs. */
import semver from 'semver';
import { failure, type PluginFailure } from './failure.ts';
import type { Manifest } from './manifest.ts';
import { orderPlugins } from './order.ts';

export interface Candidate {
  readonly name: string;
  readonly manifest: Manifest;
}

export interface Preflight {
  /** Those that may start, in order. */
  readonly order: readonly string[];
  readonly failures: ReadonlyMap<string, PluginFailure>;
}

/** Routes of the contract that a plugin may own outside `/api/v1/plugins/<name>`. */
const grantedRoutes: Readonly<Record<string, readonly string[]>> = {
  zones: [
    'GET /api/v1/cameras/:id/zones',
    'POST /api/v1/cameras/:id/zones',
    'PATCH /api/v1/zones/:zone_id',
    'DELETE /api/v1/zones/:zone_id',
    'GET /api/v1/cameras/:id/zone-events',
  ],
};

export function preflight(
  candidates: readonly Candidate[],
  sdkVersion: string,
  kernelRoutes: readonly string[],
): Preflight {
  const failures = new Map<string, PluginFailure>();
  const refuse = (name: string, reason: string, next: string) => {
    if (!failures.has(name)) failures.set(name, failure('pre-flight', reason, next));
  };
  for (const { name, manifest } of candidates) checkApi(name, manifest, sdkVersion, refuse);
  checkPrefixes(candidates, refuse);
  checkRoutes(candidates, kernelRoutes, refuse);
  checkRequirements(candidates, refuse);
  const orderable = candidates.map(({ name, manifest }) => ({
    name,
    requires: Object.keys(manifest.requires),
  }));
  const { order, cycles } = orderPlugins(orderable);
  for (const cycle of cycles)
    for (const name of cycle)
      refuse(
        name,
        `requires itself: ${cycle.join(' → ')}`,
        `remove one of these from 'heldar.requires' in package.json; call a service late instead`,
      );
  spreadFailures(candidates, failures);
  return { order: order.filter((name) => !failures.has(name)), failures };
}

type Refuse = (name: string, reason: string, next: string) => void;

function checkApi(name: string, { api, folder }: Manifest, sdkVersion: string, refuse: Refuse): void {
  if (folder === null) return;
  if (api === null)
    return refuse(
      name,
      `its package.json states no range of @heldar/plugin-sdk`,
      `add "peerDependencies": { "@heldar/plugin-sdk": "^${sdkVersion}" }`,
    );
  if (semver.validRange(api) === null)
    return refuse(
      name,
      `'${api}' is not a version range of @heldar/plugin-sdk`,
      `write a semver range such as "^${sdkVersion}"`,
    );
  if (!semver.satisfies(sdkVersion, api, { includePrerelease: true }))
    refuse(
      name,
      `it needs @heldar/plugin-sdk ${api}; this kernel speaks ${sdkVersion}`,
      `install a version of it made for ${sdkVersion}, or a kernel that fits ${api}`,
    );
}

function checkPrefixes(candidates: readonly Candidate[], refuse: Refuse): void {
  const owners = new Map<string, string>();
  for (const { name, manifest } of candidates) {
    const { tablePrefix } = manifest;
    if (tablePrefix === null) continue;
    const expected = `${name.replaceAll('-', '_')}_`;
    if (tablePrefix !== expected)
      refuse(
        name,
        `its table prefix is '${tablePrefix}'; it must be '${expected}'`,
        `set "heldar": { "tablePrefix": "${expected}" } or leave it out`,
      );
    const clash = [...owners].find(
      ([prefix]) => prefix.startsWith(tablePrefix) || tablePrefix.startsWith(prefix),
    );
    if (clash !== undefined && clash[1] !== name)
      refuse(
        name,
        `its tables (${tablePrefix}…) would mix with those of ${clash[1]} (${clash[0]}…)`,
        'give it a name that is no beginning of another',
      );
    owners.set(tablePrefix, name);
  }
}

function checkRoutes(
  candidates: readonly Candidate[],
  kernelRoutes: readonly string[],
  refuse: Refuse,
): void {
  const owners = new Map(kernelRoutes.map((route) => [shapeOf(route), 'the kernel']));
  for (const { name, manifest } of candidates)
    for (const route of manifest.routes) {
      const owner = owners.get(shapeOf(route));
      if (owner !== undefined)
        refuse(
          name,
          `its route ${route} is already that of ${owner}`,
          `rename it; routes below /api/v1/plugins/${name} never clash`,
        );
      else if (grantedRoutes[name]?.some((granted) => shapeOf(granted) === shapeOf(route)) !== true)
        refuse(
          name,
          `its route ${route} lies outside /api/v1/plugins/${name}`,
          `put it below /api/v1/plugins/${name}: write a path relative to that`,
        );
      owners.set(shapeOf(route), name);
    }
}

/** The route without the names of its parameters. */
function shapeOf(route: string): string {
  return route.replace(/:[A-Za-z0-9_]+/g, ':');
}

function checkRequirements(candidates: readonly Candidate[], refuse: Refuse): void {
  const versions = new Map(candidates.map(({ name, manifest }) => [name, manifest.version]));
  for (const { name, manifest } of candidates)
    for (const [needed, range] of Object.entries(manifest.requires)) {
      const version = versions.get(needed);
      if (version === undefined)
        refuse(
          name,
          `it requires the plugin '${needed}', which this composition does not name`,
          `add '${needed}' to the plugins of heldar.config.ts`,
        );
      else if (!semver.satisfies(version, range, { includePrerelease: true }))
        refuse(
          name,
          `it requires ${needed} ${range}; this composition has ${version}`,
          `install ${needed} ${range}`,
        );
    }
}

/** Whoever requires a plugin that can't run can't run either; the reason names the chain. */
function spreadFailures(candidates: readonly Candidate[], failures: Map<string, PluginFailure>): void {
  for (let changed = true; changed;) {
    changed = false;
    for (const { name, manifest } of candidates)
      for (const needed of Object.keys(manifest.requires)) {
        const cause = failures.get(needed);
        if (cause === undefined || failures.has(name)) continue;
        failures.set(
          name,
          failure(
            'pre-flight',
            `it requires ${needed}, which can't run: ${cause.reason}`,
            `mend ${needed} first`,
          ),
        );
        changed = true;
      }
  }
}
