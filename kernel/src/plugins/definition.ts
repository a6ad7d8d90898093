/** Is the module's default export a plugin, and does it agree with its package? */
import { isPlugin, type PluginDefinition } from '@heldar/plugin-sdk';
import { nearest } from '../config/nearest.ts';
import { HeldarError } from '../errors.ts';
import { capabilities, isPluginName, type Manifest } from './manifest.ts';

const members: readonly string[] = [
  'name',
  'config',
  'consumes',
  'emits',
  'records',
  'capabilities',
  'migrations',
  'isolation',
  'setup',
];

/** What an event or a record may be called; the plugin's name comes in front of it. */
const typeName = /^[a-z][a-z0-9_.-]{0,62}$/;

/** @throws HeldarError `plugin_invalid` naming the member, with the next step in its details. */
export function readDefinition(
  module: unknown,
  manifest: Manifest,
  specifier: string | null,
): PluginDefinition {
  const plugin = (module as { default?: unknown } | null)?.default;
  if (!isPlugin(plugin))
    throw invalid(
      `${specifier ?? 'the plugin'} has no default export made by definePlugin`,
      'write `export default definePlugin({ … })`',
    );
  const { definition } = plugin;
  checkName(definition.name, manifest);
  for (const member of Object.keys(definition))
    if (!members.includes(member)) throw invalid(`there is no member '${member}'`, suggest(member, members));
  if (typeof definition.setup !== 'function')
    throw invalid('setup: expected a function', 'return the contributions from setup(ctx)');
  if (definition.config !== undefined && !isSchema(definition.config))
    throw invalid('config: expected a Standard Schema', 'write `config: z.object({ … })`');
  checkCapabilities(definition, manifest);
  checkIsolation(definition, manifest);
  checkConsumes(definition.consumes);
  checkSchemas('emits', definition.emits);
  checkSchemas('records', definition.records);
  if (definition.migrations !== undefined && typeof definition.migrations !== 'string')
    throw invalid('migrations: expected a folder', `write \`migrations: './migrations'\``);
  return definition;
}

function checkName(name: unknown, manifest: Manifest): void {
  if (typeof name !== 'string' || !isPluginName(name))
    throw invalid(
      `name: '${String(name)}' is not a plugin name`,
      'use lower-case letters, digits and hyphens',
    );
  if (manifest.name !== null && manifest.name !== name)
    throw invalid(`name: the code says '${name}', its package.json '${manifest.name}'`, 'make them the same');
}

function checkCapabilities(definition: PluginDefinition, manifest: Manifest): void {
  const declared: unknown = definition.capabilities ?? [];
  if (!Array.isArray(declared)) throw invalid('capabilities: expected a list', `write \`capabilities: []\``);
  for (const capability of declared as unknown[])
    if (!capabilities.some((known) => known === capability))
      throw invalid(
        `capabilities: there is no '${String(capability)}'`,
        suggest(String(capability), capabilities),
      );
  if (Object.keys(definition.emits ?? {}).length > 0 && !declared.includes('events:emit'))
    throw invalid(
      `emits: it declares events without the capability 'events:emit'`,
      `add 'events:emit' to capabilities`,
    );
  if (manifest.capabilities !== null) checkAgreement(declared as string[], manifest.capabilities);
}

/** What a site agreed to stands in the package; the code may neither use more nor pretend to less. */
function checkAgreement(inCode: readonly string[], inPackage: readonly string[]): void {
  const onlyInCode = inCode.find((capability) => !inPackage.includes(capability));
  const onlyInPackage = inPackage.find((capability) => !inCode.includes(capability));
  if (onlyInCode !== undefined)
    throw invalid(
      `capabilities: the code declares '${onlyInCode}', its package.json does not`,
      `add it to "heldar": { "capabilities": […] } in package.json`,
    );
  if (onlyInPackage !== undefined)
    throw invalid(
      `capabilities: its package.json declares '${onlyInPackage}', the code does not`,
      `remove it there, or add it to capabilities in definePlugin`,
    );
}

/** Its package is read before its code: where the two differ, the code would run in the wrong place. */
function checkIsolation({ isolation = 'inline' }: PluginDefinition, manifest: Manifest): void {
  if (isolation !== manifest.isolation)
    throw invalid(
      `isolation: the code says '${isolation}', its package.json '${manifest.isolation}'`,
      `write "heldar": { "isolation": "${isolation}" } in package.json, or the same in definePlugin`,
    );
}

function checkConsumes(consumes: unknown): void {
  const listed = Array.isArray(consumes) ? (consumes as unknown[]) : Object.keys(Object(consumes));
  const fits =
    consumes === undefined ||
    consumes === '*' ||
    (typeof consumes === 'object' &&
      consumes !== null &&
      listed.every((type) => typeof type === 'string' && type.trim() !== '') &&
      (Array.isArray(consumes) || Object.values(consumes).every(isSchema)));
  if (!fits)
    throw invalid(
      `consumes: expected '*', a list of task types, or task types with a schema each`,
      `write \`consumes: ['…']\``,
    );
}

function checkSchemas(member: 'emits' | 'records', schemas: unknown): void {
  if (schemas === undefined) return;
  if (typeof schemas !== 'object' || schemas === null)
    throw invalid(`${member}: expected an object of schemas`, `write \`${member}: { … }\``);
  for (const [type, schema] of Object.entries(schemas)) {
    if (!typeName.test(type))
      throw invalid(
        `${member}: '${type}' is not a name for a type`,
        'use lower-case letters, digits, underscores and dots',
      );
    if (!isSchema(schema))
      throw invalid(
        `${member}.${type}: expected a Standard Schema`,
        `write \`${member}: { ${type}: z.object({ … }) }\``,
      );
  }
}

function isSchema(value: unknown): boolean {
  const standard = (value as { '~standard'?: { validate?: unknown } } | null | undefined)?.['~standard'];
  return typeof standard?.validate === 'function';
}

function suggest(name: string, known: readonly string[]): string {
  const meant = nearest(name, known);
  return meant === null
    ? `use ${known.join(', ')}`
    : `did you mean '${meant}'? There are ${known.join(', ')}`;
}

function invalid(message: string, next: string): HeldarError {
  return new HeldarError('plugin_invalid', message, { details: { next } });
}
