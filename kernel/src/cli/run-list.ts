/** How `heldar list` is done: the survey of the composition, with the states the running kernel tells. */
import { HeldarError } from '../errors.ts';
import type { HostedPlugin } from '../plugins/host.ts';
import { askKernel, originOf, type AddressFlags } from './ask-kernel.ts';
import { readComposition, type CompositionFlags } from './composition.ts';
import { surveyPlugins } from './survey.ts';
import { alignColumns } from './table.ts';

interface Told {
  readonly name: string;
  readonly state: string;
  readonly isolation?: { readonly tier: string; readonly restarts: number };
  readonly budget?: {
    readonly level: string;
    readonly last_step: { readonly step: string; readonly reason: string } | null;
  };
  readonly error: { readonly reason: string; readonly next: string } | null;
}

export async function listPlugins(
  flags: CompositionFlags & AddressFlags & { readonly json?: true },
): Promise<void> {
  const config = await readComposition(flags);
  const [plugins, asked] = await Promise.all([surveyPlugins(config), askStates(config.settings, flags)]);
  const rows = plugins.map((plugin) => rowOf(plugin, asked.states));
  if (flags.json === true) {
    process.stdout.write(`${JSON.stringify({ running: asked.why === null, plugins: rows }, null, 2)}\n`);
    return;
  }
  if (rows.length === 0) process.stdout.write('the composition names no plugins\n');
  else
    process.stdout.write(
      alignColumns([
        ['plugin', 'version', 'state', 'tier', 'capabilities'],
        ...rows.map(({ name, version, state, tier, capabilities }) => [
          name,
          version,
          state,
          tier,
          capabilities.join(', '),
        ]),
      ]),
    );
  for (const { name, reason, next } of rows)
    if (reason !== null) process.stdout.write(`\n✖ ${name}: ${reason}\n  next: ${next ?? ''}\n`);
  for (const { name, lastStep } of rows)
    if (lastStep !== null) process.stdout.write(`\n! ${name}: ${lastStep.step}: ${lastStep.reason}\n`);
  if (asked.why !== null) process.stdout.write(`\n${asked.why}\n`);
}

interface Asked {
  readonly states: ReadonlyMap<string, Told> | null;
  /** Why the states are not known; null: they are. */
  readonly why: string | null;
}

async function askStates(settings: Parameters<typeof originOf>[0], flags: AddressFlags): Promise<Asked> {
  try {
    const told = (await askKernel(originOf(settings, flags), '/api/v1/plugins')) as Told[];
    return { states: new Map(told.map((plugin) => [plugin.name, plugin])), why: null };
  } catch (error) {
    if (!(error instanceof HeldarError)) throw error;
    const [first = ''] = error.message.split('\n');
    return { states: null, why: first };
  }
}

function rowOf(plugin: HostedPlugin, states: Asked['states']) {
  const told = states?.get(plugin.name);
  const { name, version, manifest, definition, failure } = plugin;
  return {
    name,
    version,
    state: stateOf(plugin, told, states !== null),
    tier: plugin.state === 'disabled' ? '' : (told?.isolation?.tier ?? plugin.isolation),
    lastStep: told?.budget?.last_step ?? null,
    capabilities: [...(definition?.capabilities ?? manifest?.capabilities ?? [])],
    reason: told === undefined ? (failure?.reason ?? null) : (told.error?.reason ?? null),
    next: told === undefined ? (failure?.next ?? null) : (told.error?.next ?? null),
  };
}

function stateOf({ state }: HostedPlugin, told: Told | undefined, isRunning: boolean): string {
  if (told !== undefined) return told.state;
  if (state !== 'waiting') return state;
  return isRunning ? 'not in the running kernel' : 'not running';
}
