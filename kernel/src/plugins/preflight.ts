/** Can these plugins run together? Decided from their manifests alone, before any of their code runs. */
import { getTableName } from 'drizzle-orm';
import semver from 'semver';
import { kernelTables } from '../store/kernel-tables.ts';
import { kernelName, ledgerTable } from '../store/migrations/owner.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { failure, type PluginFailure } from './failure.ts';
import { placeInPackage, type Manifest } from './manifest.ts';
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

const sdk = '@heldar/plugin-sdk';

/** `absent`: plugins of the composition that can't run, and why. */
export function preflight(
  candidates: readonly Candidate[],
  sdkVersion: string,
  kernelRoutes: readonly string[],
  absent: ReadonlyMap<string, string> = new Map(),
): Preflight {
  const failures = new Map<string, PluginFailure>();
  const folders = new Map(candidates.map(({ name, manifest }) => [name, manifest.folder]));
  const refuse: Refuse = (name, reason, next, member) => {
    const folder = folders.get(name) ?? null;
    const place = folder === null ? null : placeInPackage(folder, member);
    if (!failures.has(name)) failures.set(name, failure('pre-flight', reason, next, { place }));
  };
  for (const { name, manifest } of candidates) {
    checkApi(name, manifest, sdkVersion, refuse);
    checkReserved(name, refuse);
  }
  checkPrefixes(candidates, refuse);
  checkRoutes(candidates, kernelRoutes, refuse);
  checkRequirements(candidates, absent, refuse);
  const orderable = candidates.map(({ name, manifest }) => ({
    name,
    requires: Object.keys(manifest.requires),
  }));
  const { order, cycles } = orderPlugins(orderable);
  for (const cycle of cycles)
    for (const [index, name] of cycle.slice(0, -1).entries())
      refuse(
        name,
        `it requires itself: ${cycle.join(' → ')}`,
        `remove one of these from 'heldar.requires' in package.json; call a service late instead`,
        cycle[index + 1],
      );
  spreadFailures(candidates, failures);
  return { order: order.filter((name) => !failures.has(name)), failures };
}

/** `member`: the word in its package.json that the reason is about. */
export type Refuse = (name: string, reason: string, next: string, member?: string) => void;

/** Was it made for this kernel? Asked of one alone, when its name is still unknown. */
export function checkApi(name: string, { api, folder }: Manifest, sdkVersion: string, refuse: Refuse): void {
  if (folder === null) return;
  if (api === null)
    return refuse(
      name,
      `its package.json states no range of ${sdk}`,
      `add "peerDependencies": { "${sdk}": "^${sdkVersion}" }`,
    );
  if (semver.validRange(api) === null)
    return refuse(
      name,
      `'${api}' is not a version range of ${sdk}`,
      `write a semver range such as "^${sdkVersion}"`,
      sdk,
    );
  if (!semver.satisfies(sdkVersion, api, { includePrerelease: true }))
    refuse(
      name,
      `it needs ${sdk} ${api}; this kernel speaks ${sdkVersion}`,
      `install a version of it made for ${sdkVersion}, or a kernel that fits ${api}`,
      sdk,
    );
}

/** Sources of events that are no plugin. */
const takenNames: readonly string[] = [kernelName, 'worker'];

/** Its prefix must not make tables of the kernel its own, nor its name pass its events off as the kernel's. */
function checkReserved(name: string, refuse: Refuse): void {
  const prefix = tablePrefixOf(name);
  const taken = [...kernelTables.map(getTableName), ledgerTable, 'sqlite_'].find((table) =>
    table.startsWith(prefix),
  );
  if (takenNames.includes(name) || taken !== undefined)
    refuse(
      name,
      taken === undefined
        ? `the name '${name}' is the kernel's`
        : `its tables (${prefix}…) would mix with those of the kernel (${taken})`,
      'give it another name',
      name,
    );
}

function checkPrefixes(candidates: readonly Candidate[], refuse: Refuse): void {
  const owners = new Map<string, string>();
  for (const { name, manifest } of candidates) {
    const { tablePrefix } = manifest;
    if (tablePrefix === null) continue;
    const expected = tablePrefixOf(name);
    if (tablePrefix !== expected)
      refuse(
        name,
        `its table prefix is '${tablePrefix}'; it must be '${expected}'`,
        `set "heldar": { "tablePrefix": "${expected}" } or leave it out`,
        'tablePrefix',
      );
    const clash = [...owners].find(([prefix]) => prefix.startsWith(expected) || expected.startsWith(prefix));
    if (clash !== undefined && clash[1] !== name)
      refuse(
        name,
        `its tables (${expected}…) would mix with those of ${clash[1]} (${clash[0]}…)`,
        'give it a name that is no beginning of another',
        name,
      );
    else owners.set(expected, name);
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
          owner === name
            ? `it declares the route ${route} twice`
            : `its route ${route} is already that of ${owner}`,
          `rename it; routes below /api/v1/plugins/${name} never clash`,
          route,
        );
      else if (grantedRoutes[name]?.some((granted) => shapeOf(granted) === shapeOf(route)) !== true)
        refuse(
          name,
          `its route ${route} lies outside /api/v1/plugins/${name}`,
          `put it below /api/v1/plugins/${name}: write a path relative to that`,
          route,
        );
      else owners.set(shapeOf(route), name);
    }
}

/** The route without the names of its parameters. */
function shapeOf(route: string): string {
  return route.replace(/:[A-Za-z0-9_]+/g, ':');
}

function checkRequirements(
  candidates: readonly Candidate[],
  absent: ReadonlyMap<string, string>,
  refuse: Refuse,
): void {
  const versions = new Map(candidates.map(({ name, manifest }) => [name, manifest.version]));
  for (const { name, manifest } of candidates)
    for (const [needed, range] of Object.entries(manifest.requires)) {
      const version = versions.get(needed);
      const why = absent.get(needed);
      if (version === undefined && why !== undefined)
        refuse(name, `it requires ${needed}, which can't run: ${why}`, `mend ${needed} first`, needed);
      else if (version === undefined)
        refuse(
          name,
          `it requires the plugin '${needed}', which this composition does not name`,
          `add '${needed}' to the plugins of heldar.config.ts`,
          needed,
        );
      else if (!semver.satisfies(version, range, { includePrerelease: true }))
        refuse(
          name,
          `it requires ${needed} ${range}; this composition has ${version}`,
          `install ${needed} ${range}`,
          needed,
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
        const reason = `it requires ${needed}, which can't run: ${cause.reason}`;
        const place = manifest.folder === null ? null : placeInPackage(manifest.folder, needed);
        failures.set(name, failure('pre-flight', reason, `mend ${needed} first`, { place }));
        changed = true;
      }
  }
}
