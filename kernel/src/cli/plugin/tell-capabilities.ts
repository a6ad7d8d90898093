/** What is a plugin called and what may it do, told with as little of its code as possible? */
import type { PluginCapability } from '@heldar/plugin-sdk';
import type { NamedPlugin } from '../../config/plugin-source.ts';
import { HeldarError, messageOf } from '../../errors.ts';
import { readDefinition } from '../../plugins/definition.ts';
import { isInstalled } from '../../plugins/lock/package-integrity.ts';
import type { Manifest } from '../../plugins/manifest.ts';
import { agree } from './agree.ts';

export interface Told {
  readonly name: string;
  readonly capabilities: readonly PluginCapability[];
}

/** From its package; where that does not say them its code has to be loaded, and for code of others that is asked first. */
export async function tellCapabilities(
  { source }: NamedPlugin,
  manifest: Manifest,
  isAgreed: boolean,
  unchanged: string,
): Promise<Told> {
  const { name, capabilities, folder } = manifest;
  if (name !== null && capabilities !== null) return { name, capabilities };
  if (folder !== null && isInstalled(folder))
    await agree(
      `The package.json of ${source.specifier ?? 'it'} has no heldar.capabilities. Load its code to learn what it may do?`,
      isAgreed,
      unchanged,
    );
  try {
    const definition = readDefinition(await source.load(), manifest, source.specifier);
    return { name: definition.name, capabilities: definition.capabilities ?? [] };
  } catch (error) {
    throw new HeldarError(
      'plugin_invalid',
      `${source.specifier ?? 'it'} cannot be loaded: ${messageOf(error)}\n  ${unchanged}`,
      {
        cause: error,
      },
    );
  }
}
