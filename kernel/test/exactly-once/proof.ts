/**
 * The exactly-once proof as a command: kills, then each mutant, then the trace of syncs; ends with 1 when anything is not as it should be.
 *
 *   node --conditions=heldar-source kernel/test/exactly-once/proof.ts [--full] [--seed <text>] [--only kills|mutants|syncs] [--keep]
 */
import { parseArgs } from 'node:util';
import { copyKernel } from './kernel-copy.ts';
import { kernelFolder } from './kernel-process.ts';
import { planKills } from './kill-plan.ts';
import { mutants, symptomsOf, unsynced } from './mutants.ts';
import { fullProof, mutantProof, shortProof } from './proof-sizes.ts';
import { randomOf } from './random.ts';
import { runProof, type ProofReport } from './run-proof.ts';
import { mismatchesOf, rowsOf } from './fold/summary.ts';
import { traceSyncs } from './sync-trace.ts';

const { values: flags } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    seed: { type: 'string', default: String(Date.now()) },
    only: { type: 'string' },
    keep: { type: 'boolean', default: false },
  },
});
const { seed, only } = flags;
const keep = flags.keep ? 'always' : undefined;
const print = (text: string) => process.stdout.write(`${text}\n`);
const verdicts: boolean[] = [];

print(`seed ${seed} (again: --seed ${seed}${flags.full ? ' --full' : ''})`);
if (only === undefined || only === 'kills') verdicts.push(await proveKills());
if (only === undefined || only === 'mutants') verdicts.push(await proveMutants());
if (only === undefined || only === 'syncs') verdicts.push(await proveSyncs());
process.exitCode = verdicts.every(Boolean) ? 0 : 1;

async function proveKills(): Promise<boolean> {
  const size = flags.full ? fullProof : shortProof;
  const kills = planKills(size, randomOf(seed, 'plan'));
  const onKill = (kill: (typeof kills)[number], index: number) => {
    const moment =
      kill.kind === 'random' ? `${kill.afterMs} ms after its start` : `${kill.kind}, passage ${kill.passage}`;
    print(`kill ${index + 1} of ${kills.length}: ${moment}`);
  };
  const started = performance.now();
  // A copy without a change: edits do not disturb a long proof, and mutants, which are copies too, have their control.
  const unchanged = copyKernel('unchanged', []);
  const report = await runProof({ ...size, kernelFolder: unchanged, seed, kills, onKill, keep });
  print(tableOf(report, performance.now() - started));
  return report.problems.length === 0;
}

async function proveMutants(): Promise<boolean> {
  let found = 0;
  for (const { name, what, changes, killedAt, symptom } of mutants) {
    const kills = mutantProof.passages.map((passage) => ({ kind: killedAt, passage }));
    const report = await runProof({
      ...mutantProof,
      kernelFolder: copyKernel(name, changes),
      seed,
      kills,
    });
    const symptoms = symptomsOf(report);
    const isFound = symptoms.includes(symptom);
    if (isFound) found += 1;
    print(
      `mutant ${name} (${what}): ${isFound ? 'found' : 'NOT FOUND'}, by ${symptoms.join(', ') || 'nothing'}`,
    );
  }
  return found === mutants.length;
}

async function proveSyncs(): Promise<boolean> {
  const batches = 50;
  const { verdicts: own } = await traceSyncs({ kernelFolder, batches });
  const bad = own.filter(({ problem }) => problem !== null);
  for (const { key, problem } of bad.slice(0, 5)) print(`trace ${key}: ${problem}`);
  print(
    `trace: ${batches - bad.length} of ${batches} answers came after a sync of the log that held their batch`,
  );
  const { verdicts: others } = await traceSyncs({
    kernelFolder: copyKernel(unsynced.name, unsynced.changes),
    batches,
  });
  const caught = others.filter(({ problem }) => problem !== null).length;
  print(`mutant ${unsynced.name} (${unsynced.what}): ${caught} of ${batches} answers came too early`);
  return bad.length === 0 && caught === batches;
}

function tableOf(report: ProofReport, tookMs: number): string {
  const { kills, fold, problems } = report;
  const total = Object.values(kills).reduce((sum, n) => sum + n, 0);
  const rows: [what: string, count: number | string][] = [
    ['kills', total],
    ...Object.entries(kills).map(([kind, n]): [string, number] => [`  ${kind}`, n]),
    ['batches acknowledged', report.batches],
    ['keys in the log', report.keysInLog],
    ['duplicates answered', report.duplicatesAnswered],
    ['zone changes acknowledged', report.zoneChanges],
    ['records in the log', fold?.records ?? 'none'],
    ['events compared', fold === null ? 'none' : rowsOf(fold, ['events'])],
    ['states compared', fold === null ? 'none' : rowsOf(fold, ['state'])],
    ['parked, as they should be', fold === null ? 'none' : rowsOf(fold, ['parked'])],
    ['rows compared, all together', fold === null ? 'none' : rowsOf(fold)],
    ['mismatches', fold === null ? 'none' : mismatchesOf(fold)],
    ['problems', problems.length],
    ['seconds', Math.round(tookMs / 1000)],
  ];
  const lines = rows.map(([what, count]) => `  ${what.padEnd(34)}${String(count).padStart(9)}`);
  if (problems.length > 0) lines.push(...problems.slice(0, 40), `data folder: ${report.dataFolder}`);
  return lines.join('\n');
}
