/**
 * What do 50 swaps of a plugin cost those who send batches? `npm run bench:swap -- [--swaps 50] [--rounds 5] [--rate 1000]`.
 * 1,000 batches a second and 100 requests a second to the plugin's route, consumers asynchronous; stretches with and without swaps take
 * turns. It checks itself: nothing lost, doubled or out of order, no request failed.
 */
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { nothingWrong, readTally, tallySite } from '../../kernel/test/swap-load.ts';
import { cameras } from './batches.ts';
import { startKernel } from './kernel-process.ts';
import { load, type LoadResult } from './load.ts';
import { machineLine, median, quantile } from './machine.ts';

const { values: flags } = parseArgs({
  options: {
    swaps: { type: 'string', default: '50' },
    rounds: { type: 'string', default: '5' },
    rate: { type: 'string', default: '1000' },
    seconds: { type: 'string', default: '8' },
    port: { type: 'string', default: '18477' },
  },
});
const rounds = Number(flags.rounds);
const rate = Number(flags.rate);
const seconds = Number(flags.seconds);
const swapsARound = Math.ceil(Number(flags.swaps) / rounds);
const askEveryMs = 10;

const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

const site = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-bench-swap-')));
try {
  await run();
} finally {
  rmSync(site, { recursive: true, force: true });
}
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/swap.txt', import.meta.url), `${lines.join('\n')}\n`);

async function run(): Promise<void> {
  writeSite();
  say(
    `# ${flags.swaps} swaps under ${rate} batches/s and ${1000 / askEveryMs} requests/s — ${machineLine()}`,
  );
  const kernel = await startKernel({
    port: Number(flags.port),
    folder: site,
    compositionFile: join(site, 'heldar.config.ts'),
  });
  try {
    for (const id of cameras) await kernel.post('/api/v1/cameras', { id, name: id, record_enabled: false });
    const order = { url: kernel.url, connections: 16, seconds, rate };
    await load({ ...order, run: 'warm' });
    const without: LoadResult[] = [];
    const during: LoadResult[] = [];
    const swapMs: number[] = [];
    const failed: string[] = [];
    let asked = 0;
    let version = 0;
    for (let round = 0; round < rounds; round += 1) {
      const stretch = async (withSwaps: boolean): Promise<LoadResult> => {
        let over = false;
        const asking = ask(kernel.url, () => over, failed).then((count) => (asked += count));
        const loading = load({ ...order, run: `${withSwaps ? 'swap' : 'calm'}${round}` });
        if (withSwaps)
          for (let swap = 0; swap < swapsARound; swap += 1) {
            writeFileSync(join(site, 'tally/version.ts'), `export const version = ${(version += 1)};\n`);
            const { did, took_ms: took } = (await kernel.post(
              '/api/v1/admin/plugins/tally/reload',
              undefined,
            )) as {
              did: string;
              took_ms: number;
            };
            if (did !== 'swapped') throw new Error(`swap ${version}: ${did}`);
            swapMs.push(took);
            await new Promise((resolve) => setTimeout(resolve, (seconds * 800) / swapsARound));
          }
        const result = await loading;
        over = true;
        await asking;
        return result;
      };
      without.push(await stretch(false));
      during.push(await stretch(true));
    }
    await kernel.drained(60_000);
    const p99 = (results: readonly LoadResult[]) => median(results.map(({ p99Ms }) => p99Ms));
    const sorted = swapMs.sort((a, b) => a - b);
    say(
      `ingest p99, median of ${rounds} stretches: ${p99(without).toFixed(1)} ms without, ${p99(during).toFixed(1)} ms with swaps: ${(p99(during) / p99(without)).toFixed(2)} times (goal: ≤ 2)`,
    );
    say(
      `rate: ${median(during.map(({ perSecond }) => perSecond)).toFixed(0)} batches/s; ${asked} requests to the plugin`,
    );
    say(
      `${swapMs.length} swaps: p50 ${quantile(sorted, 0.5).toFixed(1)}, p95 ${quantile(sorted, 0.95).toFixed(1)} ms until live`,
    );
    const refused = [...without, ...during].reduce((sum, result) => sum + result.refused, 0);
    const tally = readTally(kernel.databaseFile);
    const wrong = {
      lost: tally.lost.length,
      doubled: tally.doubled.length,
      outOfOrder: tally.outOfOrder.length,
      failed: failed.length,
      refused,
    };
    say(`of ${tally.batches} batches ${JSON.stringify(wrong)}`);
    if (
      Object.values(wrong).some((count) => count > 0) ||
      tally.handledTwice.length > nothingWrong.handledTwice.length
    )
      throw new Error(`not as it should be: ${failed.slice(0, 3).join('; ')}`);
  } finally {
    await kernel.stop();
  }
}

async function ask(url: string, isOver: () => boolean, failed: string[]): Promise<number> {
  let count = 0;
  const one = async () => {
    try {
      const response = await fetch(`${url}/api/v1/plugins/tally/version`);
      await response.arrayBuffer();
      if (response.status !== 200) failed.push(String(response.status));
    } catch (error) {
      failed.push(String(error));
    }
  };
  const under: Promise<void>[] = [];
  while (!isOver()) {
    under.push(one());
    count += 1;
    await new Promise((resolve) => setTimeout(resolve, askEveryMs));
  }
  await Promise.all(under);
  return count;
}

function writeSite(): void {
  mkdirSync(join(site, 'node_modules'));
  symlinkSync(
    fileURLToPath(new URL('../../node_modules/@heldar', import.meta.url)),
    join(site, 'node_modules/@heldar'),
  );
  writeFileSync(join(site, 'package.json'), '{ "type": "module" }');
  for (const [name, text] of Object.entries(tallySite)) {
    mkdirSync(dirname(join(site, name)), { recursive: true });
    writeFileSync(
      join(site, name),
      name === 'heldar.config.ts'
        ? text.replace('plugins:', 'recorder: { enabled: false }, ai: { enabled: false }, plugins:')
        : text,
    );
  }
}
