/** The conformance suite as tests of vitest: `@heldar/kernel/testing/conformance`. */
import { describe, expect, test } from 'vitest';
import { isPluginInstance } from '@heldar/plugin-sdk';
import type { ImportedPlugin } from '../wrap-plugin.ts';
import { conformanceCases } from './cases.ts';
import type { ConformanceOptions } from './subject.ts';
import { reachedTier, runCases, type CaseResult } from './tier.ts';

export type { ConformanceOptions } from './subject.ts';
export type { Tier } from './tier.ts';

/** One case, on a machine that others use as well. */
const caseLimitMs = 120_000;

/**
 * Registers a test for each case, and one that says which tier the plugin reaches.
 *
 * @example
 * conformance(parking, { config: { graceMinutes: 1 } });
 */
export function conformance(plugin: ImportedPlugin, options: ConformanceOptions = {}): void {
  const { tier = 'gold' } = options;
  const { name } = (isPluginInstance(plugin) ? plugin.plugin : plugin).definition;
  const results: CaseResult[] = [];
  describe(`${name} conforms: it`, () => {
    for (const each of conformanceCases(plugin, options))
      test(`${each.name} (${each.tier})`, { timeout: caseLimitMs }, async () => {
        const { results: own } = await runCases([each]);
        results.push(...own);
        for (const { error } of own) if (error !== null) throw error;
        expect(own).toHaveLength(1);
      });
    test(`reaches ${tier}`, () => {
      expect(reachedTier(results)).toBe(tier);
    });
  });
}
