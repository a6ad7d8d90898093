/** How `heldar inspect` is done: manifest, contributions as far as they are declared, and every option with its value. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { showFile, showOrigin } from '../config/code-frame.ts';
import type { ResolvedConfig } from '../config/load-config.ts';
import { showValue } from '../config/mask.ts';
import { HeldarError, messageOf } from '../errors.ts';
import {
  describeOptions,
  describeShape,
  vendorOf,
  type DescribedOption,
} from '../plugins/describe-schema.ts';
import { createEventTypes } from '../plugins/event-types.ts';
import type { HostedPlugin } from '../plugins/host.ts';
import { isReleased } from '../store/migrations/owner.ts';
import { readMigrations } from '../store/migrations/read.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import { sdkVersion } from '../version.ts';
import { askKernel, originOf, type AddressFlags } from './ask-kernel.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { surveyPlugins } from './survey.ts';
import { alignColumns } from './table.ts';

export async function inspectPlugin(
  name: string,
  flags: CompositionFlags & AddressFlags & { readonly json?: true },
): Promise<void> {
  const config = await readComposition(flags);
  const plugins = await surveyPlugins(config);
  const plugin = plugins.find((other) => other.name === name);
  if (plugin === undefined)
    throw new HeldarError(
      'usage',
      `the composition has no plugin '${name}'; it has ${plugins.map((other) => other.name).join(', ') || 'none'}`,
    );
  const running = await askRunning(name, config, flags);
  const facts = factsOf(plugin, config, running);
  const options = await optionsOf(plugin, config);
  if (flags.json === true) process.stdout.write(`${JSON.stringify({ name, ...facts, options }, null, 2)}\n`);
  else process.stdout.write(`${textOf(plugin, facts)}\n${optionsText(plugin, options)}`);
}

interface Running {
  readonly state: string;
  readonly contributions: { readonly routes: readonly string[] } | null;
}

/** null: no kernel answers. */
async function askRunning(
  name: string,
  { settings }: ResolvedConfig,
  flags: AddressFlags,
): Promise<Running | null> {
  try {
    const told = (await askKernel(originOf(settings, flags), '/api/v1/plugins')) as (Running & {
      name: string;
    })[];
    return told.find((plugin) => plugin.name === name) ?? null;
  } catch (error) {
    if (error instanceof HeldarError) return null;
    throw error;
  }
}

interface Facts {
  readonly state: string;
  readonly version: string;
  readonly package: string;
  readonly api: string;
  readonly requires: readonly string[];
  readonly capabilities: readonly string[];
  readonly consumes: readonly string[];
  readonly emits: readonly string[];
  readonly records: readonly string[];
  readonly routes: readonly string[];
  readonly tables: string;
  readonly migrations: readonly string[];
}

function factsOf(plugin: HostedPlugin, { cwd }: ResolvedConfig, running: Running | null): Facts {
  const { name, state, version, specifier, manifest, definition } = plugin;
  const range = manifest?.api ?? null;
  const journal = createEventTypes(name, definition?.emits ?? {});
  const withShape = (type: string, schema: Parameters<typeof describeShape>[0], shown: string) =>
    `${shown} ${describeShape(schema) ?? `(a ${vendorOf(schema)} schema that does not tell its shape)`}`;
  return {
    state: running?.state ?? (state === 'waiting' ? 'not running' : state),
    version,
    package:
      manifest?.folder == null
        ? (specifier ?? 'defined in the composition')
        : `${specifier ?? ''} in ${showFile(manifest.folder, cwd)}`.trim(),
    api: `${range ?? 'any'} (this kernel speaks ${sdkVersion})`,
    requires: Object.entries(manifest?.requires ?? {}).map(([needed, wanted]) => `${needed} ${wanted}`),
    capabilities: [...(definition?.capabilities ?? manifest?.capabilities ?? [])],
    consumes: consumesOf(definition?.consumes),
    emits: Object.entries(definition?.emits ?? {}).map(([type, schema]) =>
      withShape(type, schema, journal.listened(type)),
    ),
    records: Object.entries(definition?.records ?? {}).map(([type, schema]) =>
      withShape(type, schema, `${name}.${type}`),
    ),
    routes: running?.contributions?.routes ?? [
      ...(manifest?.routes ?? []),
      `those below /api/v1/plugins/${name} are known once it runs`,
    ],
    tables: `${tablePrefixOf(name)}…`,
    migrations: migrationsOf(plugin, cwd),
  };
}

function consumesOf(consumes: NonNullable<HostedPlugin['definition']>['consumes']): string[] {
  if (consumes === undefined) return [];
  if (consumes === '*') return ['every task type'];
  if (Array.isArray(consumes)) return [...(consumes as string[])];
  return Object.entries(consumes as Record<string, Parameters<typeof describeShape>[0]>).map(
    ([type, schema]) =>
      `${type} with attributes ${describeShape(schema) ?? `of a ${vendorOf(schema)} schema`}`,
  );
}

function migrationsOf({ manifest, definition }: HostedPlugin, cwd: string): string[] {
  if (definition?.migrations === undefined) return [];
  const folder = resolve(manifest?.folder ?? cwd, definition.migrations);
  if (!existsSync(folder)) return [`✖ there is no folder ${showFile(folder, cwd)}`];
  try {
    const owner = { release: manifest?.release ?? [] };
    return readMigrations(folder).map(
      ({ name }) => `${name} (${isReleased(owner, name) ? 'shipped' : 'draft'})`,
    );
  } catch (error) {
    return [`✖ ${messageOf(error)}`];
  }
}

interface ShownOption extends Omit<DescribedOption, 'path' | 'default'> {
  readonly default: string | null;
  /** Masked where it is secret. */
  readonly value: string;
  readonly from: string;
}

/** null: the schema does not tell its options; what the composition gives is shown all the same. */
async function optionsOf(plugin: HostedPlugin, { cwd }: ResolvedConfig): Promise<ShownOption[]> {
  const { definition, entry } = plugin;
  const described = definition?.config === undefined ? [] : (describeOptions(definition.config) ?? []);
  const given = [...(entry?.provenance.keys() ?? [])].filter(
    (name) => name !== '' && !described.some((option) => isAtOrBelow(name, option.name)),
  );
  const unknown = given.map((name): DescribedOption => ({
    name,
    path: name.split('.'),
    type: 'not told by the schema',
    default: undefined,
    required: false,
    description: null,
    secret: false,
  }));
  return Promise.all([...described, ...unknown].map((option) => shownOption(plugin, option, cwd)));
}

function isAtOrBelow(name: string, option: string): boolean {
  return name === option || name.startsWith(`${option}.`);
}

async function shownOption(
  { entry, options }: HostedPlugin,
  { path, ...option }: DescribedOption,
  cwd: string,
): Promise<ShownOption> {
  const sources = [...(entry?.provenance ?? [])].filter(([name]) => isAtOrBelow(name, option.name));
  const places = await Promise.all(sources.map(([, { origin }]) => showOrigin(origin, cwd)));
  const value = valueAt(options ?? entry?.config, path);
  return {
    ...option,
    default: option.default === undefined ? null : showValue(option.name, option.default, option.secret),
    value: showValue(option.name, value, option.secret),
    from: places.length > 0 ? [...new Set(places)].join(', ') : value === undefined ? '' : 'default',
  };
}

function valueAt(value: unknown, path: readonly string[]): unknown {
  return path.reduce<unknown>(
    (inner, key) =>
      typeof inner === 'object' && inner !== null ? (inner as Record<string, unknown>)[key] : undefined,
    value,
  );
}

function textOf({ name, failure }: HostedPlugin, facts: Facts): string {
  const listed = ([label, values]: readonly [string, readonly string[]]) =>
    values.length === 0 ? [[label, 'none']] : values.map((value, index) => [index === 0 ? label : '', value]);
  const rows = [
    ['state', facts.state],
    ['package', facts.package],
    ['API range', facts.api],
    ...(
      [
        ['requires', facts.requires],
        ['capabilities', facts.capabilities],
        ['consumes', facts.consumes],
        ['emits', facts.emits],
        ['records', facts.records],
        ['routes', facts.routes],
      ] as const
    ).flatMap(listed),
    ['tables', facts.tables],
    ...listed(['migrations', facts.migrations]),
  ];
  const problem =
    failure === null
      ? ''
      : `\n✖ ${failure.reason}\n${failure.place === null ? '' : `    ${failure.place}\n`}  next: ${failure.next}\n`;
  return `${`${name} ${facts.version}`.trim()}\n${alignColumns(rows.map(([label = '', value = '']) => [`  ${label}`, value]))}${problem}`;
}

function optionsText({ definition }: HostedPlugin, options: readonly ShownOption[]): string {
  const schema = definition?.config;
  if (schema === undefined && options.length === 0) return 'options: none\n';
  const untold =
    schema !== undefined && describeOptions(schema) === null
      ? `its ${vendorOf(schema)} schema does not tell which options there are\n`
      : '';
  const rows = options.map(({ name, type, default: fallback, required, value, from, description }) => [
    `  ${name}`,
    type,
    required ? 'required' : fallback === null ? 'optional' : `default ${fallback}`,
    `${value}${from === '' ? '' : ` (${from})`}${description === null ? '' : `  ${description}`}`,
  ]);
  return `options\n${untold === '' ? '' : `  ${untold}`}${alignColumns([['  name', 'type', '', 'value'], ...rows])}`;
}
