/**
 * What does it cost to look at recordings when there are many? `npm run bench:scale -- [--days 30] [--queries 500]`.
 * 64 cameras with a segment a minute: the timeline of a camera's day, the metrics, the system report, and a start, with a tenth of the
 * days and with all of them, beside the queries that one writes first: an overlap without a lower bound, and sums.
 */
import { mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import Database from 'better-sqlite3';
import { startKernel, type KernelProcess } from './kernel-process.ts';
import { machineLine, quantile } from './machine.ts';
import { scaleCameras, seedSegments } from './seed-segments.ts';

const { values: flags } = parseArgs({
  options: { days: { type: 'string', default: '30' }, queries: { type: 'string', default: '500' } },
});
const days = Number(flags.days);
const queries = Number(flags.queries);
const dayMs = 86_400_000;
const port = 18_002;
const goals = { timelineMs: 5, metricsMs: 10, startMs: 1000 };
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

// Nothing of the index may go: it has no files, and is as old as it is long.
Object.assign(process.env, { HELDAR_MAX_RECORDINGS_GB: '0', HELDAR_MIN_FREE_DISK_GB: '0' });

say(`# scale — ${machineLine()}`);
const end = Math.floor(Date.now() / 3_600_000) * 3_600_000;
const first = await startKernel({ port });
for (const id of scaleCameras)
  await first.post('/api/v1/cameras', {
    id,
    name: id,
    record_enabled: false,
    retention_hours: 24 * (days + 2),
  });
await first.stop();
const tenth = Math.max(1, Math.round(days / 10));
const problems: string[] = [];
let seeded = 0;
for (const [from, to] of [
  [tenth, 0],
  [days, tenth],
] as const) {
  const { rows, seconds } = seedSegments(first.databaseFile, end - from * dayMs, end - to * dayMs);
  seeded += rows;
  const mebibytes = Math.round(statSync(first.databaseFile).size / 2 ** 20);
  say(`\n## ${from} days: ${seeded} segments, ${mebibytes} MiB (seeded in ${seconds.toFixed(0)} s)`);
  measureNaive(first.databaseFile, from);
  await measureKernel(first.folder, from);
}
rmSync(first.folder, { recursive: true, force: true });
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/scale.txt', import.meta.url), `${lines.join('\n')}\n`);
if (problems.length > 0) throw new Error(problems.join('; '));

/** Camera and start of a day, spread over both. */
function sampleOf(n: number, of: number): { camera: string; from: number } {
  const hours = Math.max(1, (of - 1) * 24);
  return {
    camera: scaleCameras[(n * 7) % scaleCameras.length] ?? '',
    from: end - of * dayMs + ((n * 37) % hours) * 3_600_000,
  };
}

function tell(what: string, times: number[], goalMs: number | null = null): void {
  times.sort((a, b) => a - b);
  const p99 = quantile(times, 0.99);
  const goal = goalMs === null ? '' : ` (goal ${goalMs} ms: ${p99 <= goalMs ? 'met' : 'missed'})`;
  say(`${what}: p50 ${quantile(times, 0.5).toFixed(2)} ms, p99 ${p99.toFixed(2)} ms${goal}`);
}

/** The same questions as one asks them first, on a connection of its own. */
function measureNaive(file: string, of: number): void {
  const db = new Database(file, { readonly: true });
  const overlap = db.prepare(
    'SELECT start_time, end_time FROM segments WHERE camera_id = ? AND start_time < ? AND end_time > ? ORDER BY start_time',
  );
  const sums = db.prepare('SELECT count(*), sum(size_bytes) FROM segments');
  const overlaps: number[] = [];
  for (let n = 0; n < 50; n += 1) {
    const { camera, from } = sampleOf(n, of);
    overlaps.push(timed(() => overlap.all(camera, from + dayMs, from)));
  }
  tell('naive overlap, end_time > from AND start_time < to', overlaps);
  tell(
    'naive count and sum over all segments',
    [0, 1, 2, 3, 4].map(() => timed(() => sums.get())),
  );
  db.close();
}

async function measureKernel(folder: string, of: number): Promise<void> {
  const started = performance.now();
  const kernel = await startKernel({ port, folder });
  await kernel.get('/readyz');
  const startMs = performance.now() - started;
  say(
    `from the command to ready: ${startMs.toFixed(0)} ms (goal ${goals.startMs} ms: ${startMs <= goals.startMs ? 'met' : 'missed'})`,
  );
  try {
    await measureTimelines(kernel, of, 50);
    const before = kernel.cpuSeconds();
    const { times, pieces } = await measureTimelines(kernel, of, queries);
    const cpuMs = ((kernel.cpuSeconds() - before) * 1000) / queries;
    tell(`timeline of a camera's day over HTTP, ${pieces} segments an answer`, times, goals.timelineMs);
    say(`  of the processor ${cpuMs.toFixed(2)} ms an answer, whatever else the machine does`);
    for (const [path, goalMs] of [
      ['/metrics', goals.metricsMs],
      ['/api/v1/system', null],
      ['/api/v1/system/retention', null],
    ] as const) {
      const asked: number[] = [];
      for (let n = 0; n < 20; n += 1) await kernel.text(path);
      const cpuBefore = kernel.cpuSeconds();
      for (let n = 0; n < Math.min(200, queries); n += 1) {
        const asking = performance.now();
        await kernel.text(path);
        asked.push(performance.now() - asking);
      }
      const used = ((kernel.cpuSeconds() - cpuBefore) * 1000) / asked.length;
      tell(path, asked, goalMs);
      say(`  of the processor ${used.toFixed(2)} ms an answer`);
    }
    const system = (await kernel.get('/api/v1/system')) as { segments_total: number };
    if (system.segments_total !== seeded)
      problems.push(`the system report says ${system.segments_total} segments, there are ${seeded}`);
  } finally {
    await kernel.stop();
  }
}

/** The first ones also find out what the code is worth compiling. */
async function measureTimelines(
  kernel: KernelProcess,
  of: number,
  count: number,
): Promise<{ times: number[]; pieces: number }> {
  const times: number[] = [];
  let pieces = 0;
  for (let n = 0; n < count; n += 1) {
    const { camera, from } = sampleOf(n, of);
    const query = new URLSearchParams({
      from: new Date(from).toISOString(),
      to: new Date(from + dayMs).toISOString(),
    });
    const before = performance.now();
    const answer = (await kernel.get(`/api/v1/cameras/${camera}/timeline?${query.toString()}`)) as {
      segment_count: number;
      recorded_seconds: number;
    };
    times.push(performance.now() - before);
    pieces = answer.segment_count;
    if (answer.segment_count !== dayMs / 60_000) problems.push(`a day of ${answer.segment_count} segments`);
  }
  return { times, pieces };
}

function timed(run: () => unknown): number {
  const before = performance.now();
  run();
  return performance.now() - before;
}
