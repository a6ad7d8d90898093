/** What is known of a plugin before any of its code runs: its package.json. */
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';
import type { PluginSource } from '../config/plugin-source.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';

export interface Manifest {
  /** Null until the module is loaded, when no package.json says it. */
  readonly name: string | null;
  readonly version: string;
  /** Range of `@heldar/plugin-sdk` it was made for; null: it states none. */
  readonly api: string | null;
  /** Other plugins it needs, by name, with a version range. */
  readonly requires: Readonly<Record<string, string>>;
  readonly tablePrefix: string | null;
  /** Migrations that are shipped: never edited again. */
  readonly release: readonly string[];
  /** Routes outside `/api/v1/plugins/<name>`, as `GET /api/v1/…`. */
  readonly routes: readonly string[];
  /** Folder of its package; null for a plugin defined in the composition itself. */
  readonly folder: string | null;
}

const pluginName = /^[a-z][a-z0-9-]{0,62}$/;

const packageJson = z.object({
  name: z.string().optional(),
  version: z.string().default('0.0.0'),
  peerDependencies: z.record(z.string(), z.string()).default({}),
  heldar: z
    .object({
      name: z.string().regex(pluginName, 'expected lower-case letters, digits and hyphens').optional(),
      requires: z.record(z.string(), z.string()).default({}),
      tablePrefix: z.string().optional(),
      release: z.array(z.string()).default([]),
      routes: z.array(z.string()).default([]),
    })
    .prefault({}),
});

/** @throws HeldarError `plugin_invalid` naming file and member. */
export function readManifest(source: PluginSource, name: string | null): Manifest {
  if (source.packageFile === null)
    return {
      name,
      version: '0.0.0',
      api: null,
      requires: {},
      tablePrefix: name === null ? null : tablePrefixOf(name),
      release: [],
      routes: [],
      folder: null,
    };
  const parsed = packageJson.safeParse(readJson(source.packageFile));
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new HeldarError(
      'plugin_invalid',
      `${source.packageFile}: ${issue?.path.join('.') ?? ''}: ${issue?.message ?? 'not a package.json'}`,
    );
  }
  const { version, peerDependencies, heldar } = parsed.data;
  const known = heldar.name ?? name;
  return {
    name: known,
    version,
    api: peerDependencies['@heldar/plugin-sdk'] ?? null,
    requires: heldar.requires,
    tablePrefix: heldar.tablePrefix ?? (known === null ? null : tablePrefixOf(known)),
    release: heldar.release,
    routes: heldar.routes,
    folder: dirname(source.packageFile),
  };
}

function readJson(file: string): unknown {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new HeldarError('plugin_invalid', `cannot read ${file}: ${messageOf(error)}`, { cause: error });
  }
}

export function isPluginName(name: string): boolean {
  return pluginName.test(name);
}
