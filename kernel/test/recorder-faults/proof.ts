/**
 * The whole fault matrix, repeated; ends with 1 when anything is not as it has to be.
 *
 *   node --conditions=heldar-source kernel/test/recorder-faults/proof.ts [--times 10] [--at-once 4] [--only dropped,frozen]
 */
import { parseArgs } from 'node:util';
import { cases, observe, type CaseName, type Observation } from './cases.ts';
import { comebackLimitMs, problemsOf } from './demands.ts';
import type { Comeback } from './stage.ts';

const { values: flags } = parseArgs({
  options: {
    times: { type: 'string', default: '10' },
    'at-once': { type: 'string', default: '4' },
    only: { type: 'string' },
  },
});
const print = (text: string) => process.stdout.write(`${text}\n`);
const isCase = (name: string): name is CaseName => Object.hasOwn(cases, name);
const names = (flags.only?.split(',') ?? Object.keys(cases)).filter(isCase);

interface Seen {
  readonly observation: Observation | null;
  readonly problems: readonly string[];
}

const seen = new Map<CaseName, Seen[]>(names.map((name) => [name, []]));
const rounds = Array.from({ length: Number(flags.times) }, () => names).flat();
const plays = rounds.length;
await Promise.all(Array.from({ length: Number(flags['at-once']) }, playOn));
for (const [name, all] of seen) print(lineOf(name, all));
const failed = [...seen.values()].flat().filter(({ problems }) => problems.length > 0).length;
// A camera that hangs lets the attempt under way wait out its own limit; its line tells how long.
const comebacks = [...seen].flatMap(([name, all]) =>
  name === 'hanging' ? [] : all.flatMap(({ observation }) => observation?.back ?? []),
);
const p95 = quantile(comebacks.map(netMsOf), 0.95);
print(
  `first key frame written after a return: p95 ${p95} ms without the wait for it (limit ${comebackLimitMs} ms)`,
);
print(`${plays} plays, ${failed} not as they have to be`);
process.exitCode = failed === 0 && !(p95 > comebackLimitMs) ? 0 : 1;

async function playOn(): Promise<void> {
  for (let name = rounds.shift(); name !== undefined; name = rounds.shift()) {
    const played = await playOnce(name);
    seen.get(name)?.push(played);
    print(`${played.problems.length === 0 ? 'ok ' : 'NOT'} ${name} ${played.problems.join('; ')}`);
  }
}

async function playOnce(name: CaseName): Promise<Seen> {
  try {
    const observation = await observe(cases[name]);
    return { observation, problems: problemsOf(name, observation) };
  } catch (error) {
    return { observation: null, problems: [error instanceof Error ? error.message : String(error)] };
  }
}

function lineOf(name: CaseName, all: readonly Seen[]): string {
  const good = all.filter(({ problems }) => problems.length === 0).length;
  const backs = all.flatMap(({ observation }) => observation?.back ?? []);
  const netMs = backs.map(netMsOf);
  const waits = backs.map(({ keyFrameWaitMs }) => keyFrameWaitMs);
  const replaced = all.flatMap(({ observation }) => observation?.replacedMs ?? []);
  const figures = [
    ...(netMs.length > 0 ? [`back p50 ${quantile(netMs, 0.5)}, p95 ${quantile(netMs, 0.95)} ms`] : []),
    ...(waits.length > 0 ? [`key frame waited for p50 ${quantile(waits, 0.5)} ms`] : []),
    ...(replaced.length > 0 ? [`replaced after at most ${Math.max(...replaced)} ms`] : []),
  ];
  return `${cases[name].name.padEnd(60)} ${good} of ${all.length}  ${figures.join(', ')}`;
}

/** Without the wait for the key frame, which is the camera's. */
function netMsOf({ afterMs, keyFrameWaitMs }: Comeback): number {
  return afterMs - keyFrameWaitMs;
}

function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? Number.NaN);
}
