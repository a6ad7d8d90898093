/** How does a running plugin come to run behind a stronger wall? Its generation ends, and the next begins there; its lanes go on from their cursors. */
import type { Isolation } from '@heldar/plugin-sdk';
import type { PluginFailure } from './failure.ts';
import { loadOne, type Loading } from './load.ts';
import type { Slot } from './slot.ts';
import { noWatch } from '../runtime/watchdog.ts';

/** When it does not start there, it starts where it was; answers why then, null when it moved. */
export async function moveToTier(
  slot: Slot,
  tier: Isolation,
  deps: {
    readonly loading: Loading;
    /** Runs `setup`; null when it runs. */
    start(slot: Slot): Promise<PluginFailure | null>;
  },
): Promise<PluginFailure | null> {
  const before = slot.tier ?? 'inline';
  await endGeneration(slot);
  const refused = await startIn(slot, tier, deps);
  if (refused === null) return null;
  await endGeneration(slot);
  const back = await startIn(slot, before, deps);
  if (back !== null) deps.loading.fail(slot, back);
  return refused;
}

async function endGeneration(slot: Slot): Promise<void> {
  await slot.generation?.dispose();
  await slot.isolate?.stop();
  slot.generation = null;
  slot.isolate = null;
  slot.definition = null;
}

async function startIn(
  slot: Slot,
  tier: Isolation,
  { loading, start }: Parameters<typeof moveToTier>[2],
): Promise<PluginFailure | null> {
  slot.tier = tier;
  slot.state = 'waiting';
  slot.failure = null;
  // Other plugins run meanwhile: no mark may span the load, and what fails is told by the mover.
  let failed: PluginFailure | null = null;
  const quiet: Loading = {
    ...loading,
    watch: { ...noWatch, claim: (plugin, folder) => loading.watch.claim(plugin, folder) },
    fail(failing, why) {
      failing.state = 'failed';
      failed = why;
    },
  };
  await loadOne(quiet, slot);
  return failed ?? (await start(slot));
}
