/**
 * How fast is a plugin replayed over a recorded log? `npm run bench:replay -- [--batches 10000] [--rounds 3]`. A kernel records batches
 * of five detections from eight cameras with zones; `heldar replay` goes over them, beside a loop that only parses the same log rows
 * and inserts them raw. A replay that is not what the kernel recorded fails.
 */
import { execFile } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs, promisify } from 'node:util';
import Database from 'better-sqlite3';
import { batchOf, cameras, zones } from './batches.ts';
import { startKernel } from './kernel-process.ts';
import { machineLine, median } from './machine.ts';

const { values: flags } = parseArgs({
  options: { batches: { type: 'string', default: '10000' }, rounds: { type: 'string', default: '3' } },
});
const batches = Number(flags.batches);
const rounds = Number(flags.rounds);
const goal = 20_000;
const command = fileURLToPath(new URL('../../kernel/bin/heldar.mjs', import.meta.url));
const composition = fileURLToPath(new URL('./composition.ts', import.meta.url));
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

say(`# replay — ${machineLine()}`);
const { folder, databaseFile } = await record();
try {
  const raw: number[] = [];
  const replayed: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    raw.push(parseAndInsert());
    replayed.push(await replay());
  }
  const [a, b] = [median(raw), median(replayed)];
  say(`parsing and inserting the log rows raw: ${a.toFixed(0)} batches/s`);
  say(`replay of zones: ${b.toFixed(0)} batches/s (goal: ${goal}), ${(b / a).toFixed(2)} of the raw loop`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/replay.txt', import.meta.url), `${lines.join('\n')}\n`);

async function record(): Promise<{ folder: string; databaseFile: string }> {
  const kernel = await startKernel({ port: 18_002 });
  for (const id of cameras) {
    await kernel.post('/api/v1/cameras', { id, name: id, record_enabled: false });
    for (const zone of zones) await kernel.post(`/api/v1/cameras/${id}/zones`, zone);
  }
  const together = 32;
  for (let n = 0; n < batches; n += together)
    await Promise.all(
      Array.from({ length: Math.min(together, batches - n) }, (_, offset) =>
        kernel.post('/api/v1/ai/events', batchOf('replay', n + offset)),
      ),
    );
  await kernel.drained(60_000);
  await kernel.stop();
  return kernel;
}

/** Batches a second. */
function parseAndInsert(): number {
  const source = new Database(databaseFile, { readonly: true });
  const file = join(folder, 'raw.db');
  const target = new Database(file);
  target.pragma('journal_mode = MEMORY');
  target.pragma('synchronous = OFF');
  target.exec(`
    CREATE TABLE log (seq INTEGER PRIMARY KEY, kind TEXT, incarnation INTEGER, type TEXT, frame_id TEXT, at_ms INTEGER, received INTEGER,
      body TEXT);
    CREATE UNIQUE INDEX log_key ON log (incarnation, frame_id);
    CREATE INDEX log_lane ON log (incarnation, seq);`);
  const next = source.prepare(
    'SELECT seq, kind, incarnation, type, frame_id, at_ms, received, body FROM log WHERE seq > ? ORDER BY seq LIMIT 1000',
  );
  const insert = target.prepare(
    'INSERT INTO log VALUES (@seq, @kind, @incarnation, @type, @frame_id, @at_ms, @received, @body)',
  );
  const started = performance.now();
  for (let seq = 0; ;) {
    const rows = next.all(seq) as { seq: number; body: string }[];
    target.transaction(() => {
      for (const row of rows) {
        JSON.parse(row.body);
        insert.run(row);
      }
    })();
    const last = rows.at(-1);
    if (last === undefined) break;
    seq = last.seq;
  }
  const seconds = (performance.now() - started) / 1000;
  source.close();
  target.close();
  rmSync(file);
  return batches / seconds;
}

/** Batches a second. */
async function replay(): Promise<number> {
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [command, 'replay', '--plugin', 'zones', '--json', '--config', composition],
    { env: { ...process.env, NODE_ENV: 'production', HELDAR_DATA_DIR: folder }, maxBuffer: 2 ** 28 },
  );
  const report = JSON.parse(stdout) as {
    batches: number;
    elapsedMs: number;
    difference: { same: boolean; events: { same: number } };
  };
  if (!report.difference.same || report.batches !== batches || report.difference.events.same === 0)
    throw new Error(`the replay is not what the kernel recorded: ${stdout.slice(0, 2000)}`);
  return (report.batches / report.elapsedMs) * 1000;
}
