/**
 * What does a wall cost, and what does it hold back? Calls a second of a consumer in each tier; and the lag of one plugin while another
 * throws, hangs, loops or leaks in each tier, beside its lag without that, in stretches that take turns.
 * `npm run bench:isolation -- [--batches 20000] [--samples 60] [--stretches 5]`.
 */
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { startSite, type Site } from './isolation/site.ts';
import { machineLine, quantile } from './machine.ts';

const { values: flags } = parseArgs({
  options: {
    batches: { type: 'string', default: '20000' },
    samples: { type: 'string', default: '60' },
    stretches: { type: 'string', default: '5' },
  },
});
const batches = Number(flags.batches);
const samples = Number(flags.samples);
const stretches = Number(flags.stretches);
const goal = 2;

const cameras = Array.from({ length: 8 }, (_, index) => `camera_${index + 1}`);
const tiers = ['inline', 'worker', 'process'] as const;
const faults = ['throws', 'hangs', 'loops', 'leaks'] as const;
const tracks = Array.from({ length: 5 }, (_, index) => ({
  label: 'person',
  confidence: 0.9,
  bbox: [0.1, 0.2, 0.3, 0.4],
  track_id: String(index),
  attributes: { colour: 'red' },
}));

const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

say(`# isolation — ${machineLine()}`);
await measureCalls();
for (const tier of ['worker', 'process'] as const) await measureEnd(tier);
for (const tier of ['worker', 'process'] as const) for (const fault of faults) await measureLag(tier, fault);
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/isolation.txt', import.meta.url), `${lines.join('\n')}\n`);

/** The same log, read from its start in each tier. */
async function measureCalls(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-bench-isolation-'));
  try {
    {
      await using site = await startSite({ noisy: null, cameras, folder });
      for (let sent = 0; sent < batches; sent += 64)
        await Promise.all(
          Array.from({ length: Math.min(64, batches - sent) }, (_, index) =>
            site.ingest(cameras[index % cameras.length] ?? '', 'tracks', tracks),
          ),
        );
    }
    for (const tier of tiers) {
      const copy = `${folder}-${tier}`;
      cpSync(folder, copy, { recursive: true });
      const site = await startSite({ noisy: tier, cameras, folder: copy });
      const started = performance.now();
      await until(() => seenBy(site) === batches * tracks.length);
      const ms = performance.now() - started;
      say(`${tier}: ${Math.round((1000 * batches) / ms)} calls/s over ${cameras.length} lanes`);
      await site[Symbol.asyncDispose]();
      rmSync(copy, { recursive: true, force: true });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function seenBy(site: Site): number {
  return site.ask(`SELECT sum(value) FROM consumer_state WHERE key = 'seen'`);
}

/** From the answer to the batch that makes the other loop until its thread or process has been ended; each in a site of its own, so that none waits for a restart. */
async function measureEnd(tier: 'worker' | 'process'): Promise<void> {
  const times: number[] = [];
  for (let loop = 0; loop < 5; loop += 1) {
    await using site = await startSite({ noisy: tier, cameras });
    await site.ingest(cameras[0] ?? '', 'faults', [{ label: 'loops' }]);
    const started = performance.now();
    // Rarely enough not to keep the kernel from looking after its isolates.
    while ((await endsOf(site)) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    times.push(performance.now() - started);
  }
  times.sort((a, b) => a - b);
  say(
    `${tier}: a loop is ended after ${quantile(times, 0.5).toFixed(0)} ms, at most ${times.at(-1)?.toFixed(0)} (goal 1000)`,
  );
}

async function endsOf({ kernel }: Site): Promise<number> {
  const plugins = (await (await kernel.inject('/api/v1/plugins')).json()) as {
    name: string;
    isolation: { restarts: number };
  }[];
  return plugins.find(({ name }) => name === 'noisy')?.isolation.restarts ?? 0;
}

/** Lag of the steady plugin without and with the fault of the other. */
async function measureLag(tier: 'worker' | 'process', fault: (typeof faults)[number]): Promise<void> {
  await using site = await startSite({ noisy: tier, cameras });
  const without: number[] = [];
  const during: number[] = [];
  await sample(site, without);
  without.length = 0;
  for (let stretch = 0; stretch < stretches; stretch += 1) {
    await sample(site, without);
    await site.ingest(cameras[1 + (stretch % 7)] ?? '', 'faults', [{ label: fault }]);
    await sample(site, during);
    // What failed is parked in the end; a hanging call is given up after 30 s, and harms nobody meanwhile.
    if (fault !== 'hangs')
      await until(() => site.ask('SELECT count(*) FROM parked') === stretch + 1, 120_000);
  }
  const [calm, faulty] = [without, during].map((all) => all.toSorted((a, b) => a - b));
  const figures = [0.5, 0.99].map((share) => {
    const [base, seen] = [quantile(calm ?? [], share), quantile(faulty ?? [], share)];
    return `p${100 * share} ${base.toFixed(1)} → ${seen.toFixed(1)} ms (${(seen / base).toFixed(2)} ×)`;
  });
  const ratio = quantile(faulty ?? [], 0.99) / quantile(calm ?? [], 0.99);
  say(
    `${tier}, the other ${fault}: lag ${figures.join(', ')}${ratio > goal ? `; goal ${goal} × MISSED` : ''}`,
  );
}

/** From the answer to the worker until the effect of the batch can be read, ms. */
async function sample(site: Site, into: number[]): Promise<void> {
  for (let count = 0; count < samples; count += 1) {
    const before = site.ask(`SELECT count(*) FROM events WHERE event_type = 'steady.seen'`);
    const started = performance.now();
    await site.ingest(cameras[0] ?? '', 'beats', []);
    await until(() => site.ask(`SELECT count(*) FROM events WHERE event_type = 'steady.seen'`) > before);
    into.push(performance.now() - started);
  }
}

async function until(isTrue: () => boolean, deadlineMs = 120_000): Promise<void> {
  const deadline = performance.now() + deadlineMs;
  while (!isTrue()) {
    if (performance.now() > deadline) throw new Error(`nothing happened within ${deadlineMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}
