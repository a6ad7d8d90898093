/**
 * How many batches a second does the kernel store and process over HTTP, beside a raw insert loop and a bare handler in the same run?
 * `npm run bench:ingest -- [--seconds 20] [--minutes 5] [--profile]`. It checks itself: log rows = answers, events = an oracle's, lag 0.
 */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { bareHandler, rawInserts } from './baselines.ts';
import { cameras, zones } from './batches.ts';
import { checkStore } from './check-store.ts';
import { startKernel, type KernelProcess } from './kernel-process.ts';
import { load } from './load.ts';
import type { LoadResult } from './load-worker.ts';
import { machineLine, median } from './machine.ts';
import { topEntries } from './profile.ts';
import { slopePerMinute } from './slope.ts';
import { lagQuantile } from './lag.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '15' },
    rounds: { type: 'string', default: '3' },
    minutes: { type: 'string', default: '5' },
    profile: { type: 'boolean', default: false },
  },
});
const seconds = Number(flags.seconds);
const rounds = Number(flags.rounds);
const minutes = Number(flags.minutes);
const port = 18_000;
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

say(`# ingest — ${machineLine()}`);
const scratch = mkdtempSync(join(tmpdir(), 'heldar-bench-raw-'));
const profileFolder = mkdtempSync(join(tmpdir(), 'heldar-bench-profile-'));
const kernel = await startKernel({
  port,
  nodeArguments: flags.profile ? ['--cpu-prof', `--cpu-prof-dir=${profileFolder}`] : [],
});
let accepted = 0;
try {
  await prepare(kernel);
  await measure();
} finally {
  await kernel.stop();
}
const checked = await checkStore(kernel.databaseFile, accepted);
for (const line of checked.lines) say(line);
if (flags.profile) for (const line of topEntries(profileFolder, readdirSync, readFileSync)) say(line);
for (const folder of [scratch, profileFolder, kernel.folder])
  rmSync(folder, { recursive: true, force: true });
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/ingest.txt', import.meta.url), `${lines.join('\n')}\n`);
if (!checked.ok) process.exitCode = 1;

async function prepare({ post }: KernelProcess): Promise<void> {
  for (const id of cameras) {
    await post('/api/v1/cameras', { id, name: id, record_enabled: false });
    for (const zone of zones) await post(`/api/v1/cameras/${id}/zones`, zone);
  }
}

/** Rounds alternate between the kernel and what it is measured against, so that a noisy neighbour meets all of them. */
async function measure(): Promise<void> {
  await run('warm-up', 32, 5, null);
  const raw: number[] = [];
  const bare: number[] = [];
  const byConnections = new Map<number, LoadResult[]>([
    [32, []],
    [128, []],
  ]);
  for (let round = 0; round < rounds; round += 1) {
    raw.push(rawInserts(scratch, 20_000));
    for (const [connections, results] of byConnections)
      results.push(await run(`r${round}c${connections}`, connections, seconds, null));
    bare.push(
      (await bareHandler({ run: `bare${round}`, connections: 128, seconds: Math.min(seconds, 10) }))
        .perSecond,
    );
  }
  const rawMedian = median(raw);
  const bareMedian = median(bare);
  say(`(a) raw loop, a row per detection, groups of 64: ${Math.round(rawMedian)} batches/s`);
  say(`(b) bare Koa handler, 128 connections: ${Math.round(bareMedian)} requests/s`);
  let peak = 0;
  for (const [connections, results] of byConnections) {
    const perSecond = median(results.map((result) => result.perSecond));
    peak = Math.max(peak, perSecond);
    say(
      `kernel, ${connections} connections: ${Math.round(perSecond)} batches/s = ${(perSecond / rawMedian).toFixed(2)} of (a), ${(perSecond / bareMedian).toFixed(2)} of (b); p50 ${median(results.map((r) => r.p50Ms)).toFixed(1)} ms, p99 ${median(results.map((r) => r.p99Ms)).toFixed(1)} ms; refused ${results.reduce((sum, r) => sum + r.refused, 0)}`,
    );
  }
  await kernel.drained(60_000);
  if (minutes > 0) await atHalfRate(Math.round(peak / 2));
}

async function atHalfRate(rate: number): Promise<void> {
  const before = await kernel.text('/metrics');
  const memory: { atMs: number; bytes: number }[] = [];
  const sampling = setInterval(
    () => memory.push({ atMs: performance.now(), bytes: kernel.residentBytes() }),
    2000,
  );
  const result = await run('half', 64, minutes * 60, rate);
  clearInterval(sampling);
  await kernel.drained(60_000);
  const lag = lagQuantile(before, await kernel.text('/metrics'), 0.99);
  const settledFrom = memory.length / 5;
  const slope = slopePerMinute(memory.slice(Math.floor(settledFrom)));
  say(
    `at half the peak rate (${rate}/s) for ${minutes} min: ${Math.round(result.perSecond)}/s, ingest p50 ${result.p50Ms.toFixed(1)} ms, p99 ${result.p99Ms.toFixed(1)} ms, max ${result.maxMs.toFixed(0)} ms; consumer lag p99 ≤ ${lag} ms`,
  );
  say(
    `resident memory: ${Math.round((memory.at(-1)?.bytes ?? 0) / 2 ** 20)} MiB, slope ${(slope / 2 ** 20).toFixed(2)} MiB a minute after the first fifth`,
  );
}

async function run(
  name: string,
  connections: number,
  forSeconds: number,
  rate: number | null,
): Promise<LoadResult> {
  const result = await load({ url: kernel.url, run: name, connections, seconds: forSeconds, rate });
  accepted += result.accepted;
  return result;
}
