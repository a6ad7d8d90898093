/** Is the module's default export a plugin, and does it agree with its package? */
import { isPlugin, type PluginDefinition } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { isPluginName, type Manifest } from './manifest.ts';

const capabilities = new Set([
  'events:emit',
  'events:read',
  'cameras:read',
  'frames:keep',
  'http:outbound',
  'services:call',
]);

/** @throws HeldarError `plugin_invalid` naming the member. */
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
  const definition = plugin.definition as PluginDefinition;
  const { name } = definition;
  if (typeof name !== 'string' || !isPluginName(name))
    throw invalid(
      `name: '${String(name)}' is not a plugin name`,
      'use lower-case letters, digits and hyphens',
    );
  if (manifest.name !== null && manifest.name !== name)
    throw invalid(`name: the code says '${name}', its package.json '${manifest.name}'`, 'make them the same');
  if (typeof definition.setup !== 'function')
    throw invalid('setup: expected a function', 'return the contributions from setup(ctx)');
  for (const capability of definition.capabilities ?? [])
    if (!capabilities.has(capability))
      throw invalid(
        `capabilities: there is no '${String(capability)}'`,
        `use ${[...capabilities].join(', ')}`,
      );
  if (definition.emits !== undefined && !(definition.capabilities ?? []).includes('events:emit'))
    throw invalid(
      `emits: it declares events without the capability 'events:emit'`,
      `add 'events:emit' to capabilities`,
    );
  return definition;
}

function invalid(message: string, next: string): HeldarError {
  return new HeldarError('plugin_invalid', message, { details: { next } });
}
