/** Which wall does a plugin run behind? The strongest that its package or the composition asks for. */
import type { Isolation, UseOptions } from '@heldar/plugin-sdk';

/** From the weakest to the strongest. */
export const tiers = ['inline', 'worker', 'process'] as const satisfies readonly Isolation[];

/** MiB. */
export const defaultMemoryMb = 256;

export function strongest(...asked: readonly (Isolation | undefined)[]): Isolation {
  return tiers.findLast((tier) => asked.includes(tier)) ?? 'inline';
}

/** The next stronger tier; null behind the last. */
export function strongerThan(tier: Isolation): Isolation | null {
  return tiers[tiers.indexOf(tier) + 1] ?? null;
}

/** A plugin's tier at its start. */
export function tierOf(manifest: { readonly isolation: Isolation }, options: UseOptions): Isolation {
  return strongest(manifest.isolation, options.isolation);
}
