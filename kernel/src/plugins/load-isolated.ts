/** How is a plugin loaded outside of the kernel's thread? Its module runs in an isolate; the host gets a definition that asks it. */
import type { Isolation, PluginDefinition } from '@heldar/plugin-sdk';
import { locateOrigin, showOrigin, showPlaceOf } from '../config/code-frame.ts';
import { HeldarError } from '../errors.ts';
import { withDeadline } from '../runtime/deadline.ts';
import { isolatedDefinition, type Surroundings } from './isolation/isolated-definition.ts';
import { createKeeper } from './isolation/keeper.ts';
import { defaultMemoryMb } from './isolation/tiers.ts';
import type { PluginLimits } from './limits.ts';
import type { Slot } from './slot.ts';

/** What isolates need of the host. */
export interface IsolationHost {
  readonly databaseFile: string;
  readonly random: () => number;
  onDeath(slot: Slot, reason: string): void;
  onFault(slot: Slot, error: Error): void;
  onLine(slot: Slot, stream: 'stdout' | 'stderr', line: string): void;
  surroundings(): Surroundings;
}

/** Opens the isolate and keeps it in the slot. @throws what is wrong with the plugin or its place. */
export async function loadIsolated(
  slot: Slot,
  tier: Exclude<Isolation, 'inline'>,
  deps: { readonly isolation: IsolationHost; readonly limits: PluginLimits; readonly cwd: string },
): Promise<PluginDefinition> {
  const { isolation, limits, cwd } = deps;
  const { manifest, entry } = slot;
  const { file, specifier } = entry.source;
  if (file === null || manifest === null) {
    const location = await locateOrigin(entry.origin);
    throw new HeldarError(
      'plugin_invalid',
      `${slot.name} is to run in isolation (${tier}), but the composition imports it itself, into the kernel's thread`,
      {
        details: {
          place: location ? showPlaceOf(location, cwd) : await showOrigin(entry.origin, cwd),
          next: `name it lazily: use(() => import('…'), { … }, { isolation: '${tier}' }), or by its path or package`,
        },
      },
    );
  }
  const keeper = createKeeper({
    plugin: slot.name,
    tier,
    memoryMb: entry.options.memoryMb ?? defaultMemoryMb,
    load: { file, specifier, manifest },
    databaseFile: isolation.databaseFile,
    limits,
    options: () => slot.entry.config,
    random: isolation.random,
    onDeath: (reason) => isolation.onDeath(slot, reason),
    onFault: (error) => isolation.onFault(slot, error),
    onLine: (stream, line) => isolation.onLine(slot, stream, line),
  });
  slot.isolate = keeper;
  try {
    const description = await withDeadline(
      keeper.load(),
      limits.importMs,
      `its import did not finish within ${limits.importMs} ms`,
    );
    return isolatedDefinition(keeper, description, limits, () => isolation.surroundings());
  } catch (error) {
    slot.isolate = null;
    await keeper.stop();
    throw error;
  }
}
