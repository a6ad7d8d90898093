/**
 * How long does the listing of detections take over HTTP, with a million batches in the store?
 * `npm run bench:query -- [--batches 1000000] [--queries 500]`. Labels in half of the batches, in one of 100,000, in none.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { startKernel } from './kernel-process.ts';
import { machineLine, quantile } from './machine.ts';
import { queryCameras, seedLog } from './seed-log.ts';

const { values: flags } = parseArgs({
  options: { batches: { type: 'string', default: '1000000' }, queries: { type: 'string', default: '500' } },
});
const batches = Number(flags.batches);
const queries = Number(flags.queries);
const port = 18_001;
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

say(`# query — ${machineLine()}`);
const first = await startKernel({ port });
for (const id of queryCameras) await first.post('/api/v1/cameras', { id, name: id, record_enabled: false });
await first.stop();
const seeded = seedLog(first.databaseFile, batches);
say(
  `${batches} batches of 5 detections from ${queryCameras.length} cameras, ${Math.round(seeded.bytes / 2 ** 20)} MiB, seeded in ${seeded.seconds.toFixed(0)} s`,
);

const kernel = await startKernel({ port, folder: first.folder });
const caughtUp = performance.now();
await kernel.drained(600_000);
say(`consumers caught up with it in ${((performance.now() - caughtUp) / 1000).toFixed(0)} s`);
let failed = false;
for (const [name, label] of [
  ['in half of them', 'person'],
  ['in one of 100,000', 'unicorn'],
  ['in none', 'nobody'],
  ['any', null],
] as const) {
  const times: number[] = [];
  let rows = 0;
  for (let n = 0; n < queries; n += 1) {
    const camera = queryCameras[n % queryCameras.length] ?? '';
    const window = seeded.windows[n % seeded.windows.length] ?? { from: '', to: '' };
    const query = new URLSearchParams({ ...window, limit: '200', ...(label === null ? {} : { label }) });
    const started = performance.now();
    const found = (await kernel.get(`/api/v1/cameras/${camera}/detections?${query.toString()}`)) as {
      label: string;
    }[];
    times.push(performance.now() - started);
    rows += found.length;
    if (label !== null && found.some((row) => row.label !== label)) failed = true;
  }
  times.sort((a, b) => a - b);
  say(
    `label ${name}: p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${quantile(times, 0.99).toFixed(2)} ms, ${(rows / queries).toFixed(1)} rows an answer`,
  );
}
await kernel.stop();
rmSync(kernel.folder, { recursive: true, force: true });
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/query.txt', import.meta.url), `${lines.join('\n')}\n`);
if (failed) throw new Error('an answer held a label that was not asked for');
