/** How good is a plugin? Each case belongs to a tier; a tier is reached when all cases up to it pass. */

/** bronze: it starts, ends and declares what it does. silver: its effects follow from the log alone. gold: whatever crashes. */
export const tiers = ['bronze', 'silver', 'gold'] as const;
export type Tier = (typeof tiers)[number];

export interface ConformanceCase {
  /** A sentence about the plugin that holds when `run` resolves. */
  readonly name: string;
  readonly tier: Tier;
  /** @throws Error saying what the plugin did instead, and what to do about it. */
  run(): Promise<void>;
}

export interface CaseResult {
  readonly name: string;
  readonly tier: Tier;
  /** null: it passed. */
  readonly error: unknown;
}

export function isUpTo(tier: Tier, limit: Tier): boolean {
  return tiers.indexOf(tier) <= tiers.indexOf(limit);
}

/** The highest tier of which all cases, and all of the tiers below, passed; null: not even the first. */
export function reachedTier(results: readonly CaseResult[]): Tier | null {
  let reached: Tier | null = null;
  for (const tier of tiers) {
    const own = results.filter((result) => result.tier === tier);
    if (own.length === 0 || own.some(({ error }) => error !== null)) return reached;
    reached = tier;
  }
  return reached;
}

/** Runs the cases one after the other: for runners other than vitest. */
export async function runCases(
  cases: readonly ConformanceCase[],
): Promise<{ tier: Tier | null; results: readonly CaseResult[] }> {
  const results: CaseResult[] = [];
  for (const { name, tier, run } of cases)
    results.push({ name, tier, error: await run().then(() => null, asError) });
  return { tier: reachedTier(results), results };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
