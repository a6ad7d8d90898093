/** Which cases is a plugin examined with, in which order? */
import type { ImportedPlugin } from '../wrap-plugin.ts';
import { cleanRun, declaredAccess, lateEffects } from './cases/clean-run.ts';
import { crashes, swaps } from './cases/crash.ts';
import { determinism } from './cases/determinism.ts';
import { duplicates, reordered, slowStore } from './cases/disturbances.ts';
import { failingBatch } from './cases/failing-batch.ts';
import { manifest } from './cases/manifest.ts';
import { migrations } from './cases/migrations.ts';
import { restarts, startStop } from './cases/start-stop.ts';
import { createSubject, type ConformanceOptions } from './subject.ts';
import { isUpTo, type ConformanceCase } from './tier.ts';

const all = [
  manifest,
  cleanRun,
  declaredAccess,
  startStop,
  determinism,
  restarts,
  duplicates,
  reordered,
  slowStore,
  failingBatch,
  lateEffects,
  swaps,
  crashes,
  migrations,
];

/**
 * The cases up to the tier that is asked for, gold unless another is. Each runs alone and in any order.
 *
 * @example
 * const { tier, results } = await runCases(conformanceCases(parking, { config: { graceMinutes: 1 } }));
 */
export function conformanceCases(
  plugin: ImportedPlugin,
  options: ConformanceOptions = {},
): readonly ConformanceCase[] {
  const subject = createSubject(plugin, options);
  const { tier = 'gold' } = options;
  return all.map((make) => make(subject)).filter((made) => isUpTo(made.tier, tier));
}
