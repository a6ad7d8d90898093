import { fileURLToPath } from 'node:url';
import { isPlugin } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { loadConfig } from '../src/config/load-config.ts';
import { applyOverrides } from '../src/config/resolve-plugins.ts';

const root = fileURLToPath(new URL('../../', import.meta.url));

/** Loads every plugin of a composition, and what its schema makes of its options. */
async function loadPlugins(file: string, environment: string): Promise<Record<string, unknown>> {
  const { plugins, overrides } = await loadConfig({ cwd: root, env: {}, envFile: false, file, environment });
  const loaded: Record<string, unknown> = {};
  for (const entry of plugins) {
    const { default: plugin } = (await entry.source.load()) as { default: unknown };
    if (!isPlugin(plugin)) throw new Error(`${entry.source.specifier} is no plugin`);
    const { name, config: schema } = plugin.definition;
    const applied = applyOverrides(name, entry, overrides);
    if ('source' in applied) loaded[name] = await schema?.['~standard'].validate(applied.config ?? {});
  }
  return loaded;
}

test.each([
  ['heldar.config.ts', 'production', { zones: { eventRetentionHours: 168 } }],
  ['examples/compositions/base.ts', 'test', { zones: { eventRetentionHours: 168 } }],
  [
    'examples/compositions/shop.ts',
    'production',
    { zones: { eventRetentionHours: 24 }, hello: { greeting: 'Welcome' } },
  ],
  [
    'examples/compositions/shop.ts',
    'development',
    { zones: { eventRetentionHours: 24 }, hello: { greeting: 'Welcome to the test shop' } },
  ],
  ['examples/compositions/car-park.ts', 'production', { zones: { eventRetentionHours: 720 } }],
  [
    'examples/compositions/car-park.ts',
    'test',
    { zones: { eventRetentionHours: 168 }, hello: { greeting: 'Good day' } },
  ],
])('the plugins of %s load for %s, and take their options', async (file, environment, expected) => {
  const values = Object.entries(expected).map(([name, value]) => [name, { value }]);
  expect(await loadPlugins(file, environment)).toEqual(Object.fromEntries(values));
});
