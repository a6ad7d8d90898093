/**
 * What SIGKILLs of recorders and of the kernel cost, at random moments; ends with 1 when more is lost than may be, or anything is left behind.
 *
 *   node --conditions=heldar-source kernel/test/footage-proof/proof.ts [--full] [--kills <number>] [--cameras dense,sparse,muted] [--seed <text>]
 */
import { parseArgs } from 'node:util';
import { randomOf } from '../exactly-once/random.ts';
import { sources, type SourceName } from './sources.ts';
import { runFootageProof, tailLimitSeconds, type MeasuredLoss } from './run-proof.ts';

const { values: flags } = parseArgs({
  options: {
    full: { type: 'boolean', default: false },
    kills: { type: 'string' },
    cameras: { type: 'string', default: 'dense,sparse,muted' },
    seed: { type: 'string', default: String(Date.now()) },
  },
});
const isSource = (name: string): name is SourceName => Object.hasOwn(sources, name);
const cameras = flags.cameras.split(',').filter(isSource);
const print = (text: string) => process.stdout.write(`${text}\n`);
const random = randomOf(flags.seed, 'footage');
const count = Number(flags.kills ?? (flags.full ? 100 : 6));
const kills = random.shuffled(
  Array.from({ length: count }, (_, index) => (index % 2 === 0 ? ('ffmpeg' as const) : ('kernel' as const))),
);
print(`seed ${flags.seed}, ${count} kills`);
let done = 0;
const report = await runFootageProof({
  cameras,
  kills,
  segmentSeconds: 20,
  random,
  onKill: (what) => print(`kill ${(done += 1)} of ${count}: ${what}`),
  onLoss: ({ camera, tailSeconds, holeSeconds }) =>
    print(`  ${camera}: tail ${tailSeconds.toFixed(2)} s, hole ${holeSeconds.toFixed(2)} s`),
});
for (const killed of ['ffmpeg', 'kernel'] as const)
  for (const camera of cameras)
    print(
      lineOf(
        `${killed}, ${camera}`,
        report.losses.filter((loss) => loss.killed === killed && loss.camera === camera),
      ),
    );
print(`${report.rows} segments, each played; limit of the tail ${tailLimitSeconds} s`);
for (const problem of report.problems) print(`PROBLEM ${problem}`);
process.exitCode = report.problems.length === 0 ? 0 : 1;

function lineOf(what: string, losses: readonly MeasuredLoss[]): string {
  const tails = losses.map(({ tailSeconds }) => tailSeconds);
  const holes = losses.map(({ holeSeconds }) => holeSeconds);
  return `${what.padEnd(18)} ${String(losses.length).padStart(3)} kills: tail lost ${figures(tails)}; hole of the restart ${figures(holes)}`;
}

function figures(values: readonly number[]): string {
  const sorted = values.toSorted((a, b) => a - b);
  const at = (share: number) => sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))];
  return sorted.length === 0 ? 'none' : `p50 ${at(0.5)?.toFixed(2)} s, most ${sorted.at(-1)?.toFixed(2)} s`;
}
