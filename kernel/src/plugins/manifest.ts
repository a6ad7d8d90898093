/** What is known of a plugin before any of its code runs: its package.json. */
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import semver from 'semver';
import { z } from 'zod';
import type { Isolation, PluginCapability } from '@heldar/plugin-sdk';
import type { PluginSource } from '../config/plugin-source.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';

export interface Manifest {
  /** Null until the module is loaded, when no package.json says it. */
  readonly name: string | null;
  readonly version: string;
  /** Range of `@heldar/plugin-sdk` it was made for: its peer dependency, or a dependency; null: it states none. */
  readonly api: string | null;
  /** Other plugins it needs, by name, with a version range. */
  readonly requires: Readonly<Record<string, string>>;
  readonly tablePrefix: string | null;
  /** Migrations that are shipped: never edited again. */
  readonly release: readonly string[];
  /** Routes outside `/api/v1/plugins/<name>`, as `GET /api/v1/…`. */
  readonly routes: readonly string[];
  /** What it may touch; null: its package does not say it, only its code does. */
  readonly capabilities: readonly PluginCapability[] | null;
  /** Where its code asks to run. */
  readonly isolation: Isolation;
  /** Folder of its package; null for a plugin defined in the composition itself. */
  readonly folder: string | null;
}

export type { Isolation };

/** From the weakest to the strongest. */
export const isolations = ['inline', 'worker', 'process'] as const satisfies readonly Isolation[];

export const capabilities = [
  'events:emit',
  'events:read',
  'cameras:read',
  'frames:keep',
  'http:outbound',
  'services:call',
] as const satisfies readonly PluginCapability[];

const sdk = '@heldar/plugin-sdk';
const pluginName = /^[a-z][a-z0-9-]{0,62}$/;
const range = z
  .string()
  .refine((text) => semver.validRange(text) !== null, 'expected a version range such as "^1.0.0"');

const heldarMember = z.strictObject({
  name: z.string().regex(pluginName, 'expected lower-case letters, digits and hyphens').optional(),
  requires: z.record(z.string(), range).default({}),
  tablePrefix: z.string().optional(),
  release: z.array(z.string()).default([]),
  routes: z
    .array(
      z
        .string()
        .regex(/^(?:GET|POST|PATCH|PUT|DELETE) \/\S+$/, 'expected a method and a path: "GET /api/v1/…"'),
    )
    .default([]),
  capabilities: z.array(z.enum(capabilities)).nullable().default(null),
  isolation: z.enum(isolations).default('inline'),
});

const packageJson = z.object({
  name: z.string().optional(),
  version: z
    .string()
    .refine((text) => semver.valid(text) !== null, 'expected a version such as "1.0.0"')
    .default('0.0.0'),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  dependencies: z.record(z.string(), z.string()).default({}),
  heldar: heldarMember.prefault({}),
});

/** @throws HeldarError `plugin_invalid` naming file, line and member. */
export function readManifest(
  source: Pick<PluginSource, 'file' | 'packageFile'>,
  name: string | null,
): Manifest {
  const packageFile = source.packageFile ?? unreadPackageFile(source);
  if (packageFile === null)
    return {
      name,
      version: '0.0.0',
      api: null,
      requires: {},
      tablePrefix: name === null ? null : tablePrefixOf(name),
      release: [],
      routes: [],
      capabilities: null,
      isolation: 'inline',
      folder: null,
    };
  const text = readText(packageFile);
  const parsed = packageJson.safeParse(parseJson(packageFile, text));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    const path = issue?.path.map(String) ?? [];
    const unknown = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined;
    const place = placeIn(packageFile, text, unknown ?? path.at(-1));
    throw new HeldarError(
      'plugin_invalid',
      unknown === undefined
        ? `${path.join('.')}: ${issue?.message ?? 'not a package.json'}`
        : `${[...path, unknown].join('.')}: there is no such member; there are ${Object.keys(heldarMember.shape).join(', ')}`,
      { details: { place, next: `correct ${packageFile}` } },
    );
  }
  const { version, peerDependencies, dependencies, heldar } = parsed.data;
  const known = heldar.name ?? name;
  return {
    name: known,
    version,
    api: peerDependencies[sdk] ?? dependencies[sdk] ?? null,
    requires: heldar.requires,
    tablePrefix: heldar.tablePrefix ?? (known === null ? null : tablePrefixOf(known)),
    release: heldar.release,
    routes: heldar.routes,
    capabilities: heldar.capabilities,
    isolation: heldar.isolation,
    folder: dirname(packageFile),
  };
}

/** The nearest one, which a search for names has passed over because it is not JSON. */
function unreadPackageFile({ file }: Pick<PluginSource, 'file'>): string | null {
  for (let folder = file === null ? null : dirname(file); folder !== null;) {
    const candidate = join(folder, 'package.json');
    if (existsSync(candidate)) return candidate;
    folder = folder === dirname(folder) ? null : dirname(folder);
  }
  return null;
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new HeldarError('plugin_invalid', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

function parseJson(file: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const position = Number(/position (\d+)/.exec(messageOf(error))?.[1] ?? Number.NaN);
    const line = Number.isNaN(position) ? null : text.slice(0, position).split('\n').length;
    throw new HeldarError('plugin_invalid', `its package.json is not JSON: ${messageOf(error)}`, {
      cause: error,
      details: { place: line === null ? file : `${file}:${line}`, next: `correct ${file}` },
    });
  }
}

/** Where a plugin's package.json says something: `file:line`, or the file when no line holds the word. */
export function placeInPackage(folder: string, word?: string): string {
  const file = join(folder, 'package.json');
  try {
    return placeIn(file, readFileSync(file, 'utf8'), word);
  } catch {
    return file;
  }
}

function placeIn(file: string, text: string, word: string | undefined): string {
  const line = word === undefined ? -1 : text.split('\n').findIndex((row) => row.includes(`"${word}"`));
  return line === -1 ? file : `${file}:${line + 1}`;
}

export function isPluginName(name: string): boolean {
  return pluginName.test(name);
}
