/** Exactly-once effects, in the short form that runs in CI; the full one is `npm run proof:exactly-once:full`. */
import { expect, test } from 'vitest';
import { failpoints } from '../src/runtime/failpoint.ts';
import { copyKernel } from './exactly-once/kernel-copy.ts';
import { kernelFolder } from './exactly-once/kernel-process.ts';
import { planKills } from './exactly-once/kill-plan.ts';
import { mutants, symptomsOf, unsynced } from './exactly-once/mutants.ts';
import { mutantProof, shortProof } from './exactly-once/proof-sizes.ts';
import { randomOf } from './exactly-once/random.ts';
import { runProof } from './exactly-once/run-proof.ts';
import { traceSyncs } from './exactly-once/sync-trace.ts';

const seed = process.env['PROOF_SEED'] ?? 'short';
const limitMs = 240_000;

test(
  `killed at random and at every named point (seed ${seed}), the kernel loses, doubles and invents nothing`,
  { timeout: limitMs },
  async () => {
    const kills = planKills(shortProof, randomOf(seed, 'plan'));
    const report = await runProof({ ...shortProof, kernelFolder, seed, kills });
    expect(report.problems).toEqual([]);
    expect(Object.keys(report.kills).sort()).toEqual(['random', ...failpoints].sort());
    expect(report.keysInLog).toBe(report.batches);
    // There was enough to compare, and clients did ask again.
    const sizes = Object.fromEntries(
      (report.fold?.comparisons ?? []).map(({ what, actual }) => [what, actual]),
    );
    expect(Math.min(report.batches, sizes['zones_events'] ?? 0, sizes['events'] ?? 0)).toBeGreaterThan(300);
    expect(
      Math.min(report.duplicatesAnswered, report.zoneChanges, sizes['alarms_deliveries'] ?? 0),
    ).toBeGreaterThan(20);
  },
);

for (const { name, what, changes, killedAt, symptom } of mutants)
  test(`a kernel in which ${what} is found out`, { timeout: limitMs }, async () => {
    const kills = mutantProof.passages.map((passage) => ({ kind: killedAt, passage }));
    const report = await runProof({ ...mutantProof, kernelFolder: copyKernel(name, changes), seed, kills });
    expect(symptomsOf(report)).toContain(symptom);
  });

test(
  'between a batch and its answer lies a sync of the write-ahead log that holds it',
  { timeout: limitMs },
  async () => {
    const { verdicts } = await traceSyncs({ kernelFolder, batches: 50 });
    expect(verdicts.filter(({ problem }) => problem !== null)).toEqual([]);
    expect(verdicts).toHaveLength(50);
  },
);

test(`a kernel in which ${unsynced.what} is found out`, { timeout: limitMs }, async () => {
  const { verdicts } = await traceSyncs({
    kernelFolder: copyKernel(unsynced.name, unsynced.changes),
    batches: 10,
  });
  expect(new Set(verdicts.map(({ problem }) => problem))).toEqual(
    new Set(['answered before the log was synced']),
  );
});
