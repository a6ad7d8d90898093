/**
 * Does a crowd at the door hold up who is inside? `npm run bench:sign-ins -- [--seconds 60] [--rounds 3] [--rate 300]`.
 * A thousand sign-ins a minute from 200 addresses, every other one wrong, beside batches at a steady rate and cameras that are recorded;
 * in turns with the same load without them. It checks itself: who is right gets in, who is wrong does not, nothing is missing of any camera.
 */
import { mkdtempSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { cameras } from './batches.ts';
import { startKernel } from './kernel-process.ts';
import { load, type LoadResult } from './load.ts';
import { machineLine, median, quantile } from './machine.ts';
import { startStreamServer } from './recorder/stream-server.ts';

const { values: flags } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    rounds: { type: 'string', default: '3' },
    rate: { type: 'string', default: '300' },
    port: { type: 'string', default: '18479' },
  },
});
const seconds = Number(flags.seconds);
const rate = Number(flags.rate);
const addresses = 200;
const perMinute = 1000;
const recorded = ['street_1', 'street_2', 'street_3', 'street_4'];
const password = 'correct horse battery staple';
const lines: string[] = [];
const say = (line: string) => {
  lines.push(line);
  process.stdout.write(`${line}\n`);
};

interface Tally {
  readonly ms: number[];
  readonly wrong: string[];
}

say(`# sign-ins, ${flags.rounds} rounds of ${seconds} s with and without — ${machineLine()}`);
const folder = mkdtempSync(join(tmpdir(), 'heldar-bench-sign-ins-'));
const compositionFile = join(folder, 'heldar.config.js');
writeFileSync(compositionFile, 'export default {};\n');
const server = await startStreamServer();
const kernel = await startKernel({
  port: Number(flags.port),
  folder,
  compositionFile,
  env: {
    HELDAR_AUTH_ENABLED: 'true',
    HELDAR_BOOTSTRAP_ADMIN_USER: 'user0',
    HELDAR_BOOTSTRAP_ADMIN_PASSWORD: password,
    // So that the addresses of the crowd can be told.
    HELDAR_TRUSTED_PROXIES: 'loopback',
    HELDAR_PREVIEW_CPU_PERCENT: '0',
    HELDAR_LOG: 'error',
  },
});
const without: LoadResult[] = [];
const beside: LoadResult[] = [];
const tally: Tally = { ms: [], wrong: [] };
try {
  const { token } = (await (await signIn('user0', password, '192.0.2.1')).json()) as { token: string };
  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(kernel.url + path, {
      method,
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
    return (await response.json()) as Record<string, never>;
  };
  for (let index = 1; index < addresses; index += 1)
    await ask('POST', '/api/v1/users', { username: `user${index}`, password });
  for (const id of cameras) await ask('POST', '/api/v1/cameras', { id, name: id, record_enabled: false });
  for (const id of recorded)
    await ask('POST', '/api/v1/cameras', { id, name: id, main_stream_url: server.url, segment_seconds: 10 });
  const { key } = await ask('POST', '/api/v1/api-keys', { name: 'worker', role: 'integration' });
  const worker = (run: string) =>
    load({ url: kernel.url, run, connections: 16, seconds, rate, token: String(key) });
  const begun = Date.now() + 10_000;
  for (let round = 1; round <= Number(flags.rounds); round += 1) {
    without.push(await worker(`without${round}`));
    const [result] = await Promise.all([worker(`beside${round}`), crowd(tally)]);
    beside.push(result);
  }
  const ended = Date.now() - 15_000;
  const window = `from=${new Date(begun).toISOString()}&to=${new Date(ended).toISOString()}`;
  for (const id of recorded) {
    const gaps = (await ask('GET', `/api/v1/cameras/${id}/gaps?${window}`)) as unknown as {
      gaps?: unknown[];
    };
    const found = Array.isArray(gaps) ? gaps : (gaps.gaps ?? []);
    if (found.length > 0) tally.wrong.push(`${id} has holes: ${JSON.stringify(found)}`);
  }
} finally {
  await kernel.stop();
  await server.stop();
  rmSync(folder, { recursive: true, force: true });
}
const p99 = (results: readonly LoadResult[]) => median(results.map(({ p99Ms }) => p99Ms));
const ratio = p99(beside) / p99(without);
tally.ms.sort((left, right) => left - right);
say(
  `ingest at ${rate} batches/s, p99 without and beside: ${p99(without).toFixed(1)}, ${p99(beside).toFixed(1)} ms: ${ratio.toFixed(2)} times`,
);
say(
  `${tally.ms.length} sign-ins from ${addresses} addresses: p50 ${quantile(tally.ms, 0.5).toFixed(0)}, p99 ${quantile(tally.ms, 0.99).toFixed(0)} ms`,
);
const refused = [...without, ...beside].reduce((sum, result) => sum + result.refused, 0);
if (refused > 0) tally.wrong.push(`${refused} batches were refused`);
for (const problem of tally.wrong.slice(0, 20)) say(`WRONG ${problem}`);
if (tally.wrong.length === 0) say('who was right got in, who was wrong did not; no camera has a hole');
mkdirSync(new URL('../results/', import.meta.url), { recursive: true });
writeFileSync(new URL('../results/sign-ins.txt', import.meta.url), `${lines.join('\n')}\n`);
if (tally.wrong.length > 0) process.exitCode = 1;

function signIn(username: string, secret: string, address: string): Promise<Response> {
  return fetch(`${kernel.url}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-forwarded-for': address },
    body: JSON.stringify({ username, password: secret }),
  });
}

/** Each address in turn, first right, then wrong, spread evenly. */
async function crowd({ ms, wrong }: Tally): Promise<void> {
  const count = Math.round((perMinute * seconds) / 60);
  const started = performance.now();
  const attempts = Array.from({ length: count }, async (_, index) => {
    await sleep((index * seconds * 1000) / count);
    const who = index % addresses;
    const isRight = Math.floor(index / addresses) % 2 === 0 ? who % 2 === 0 : who % 2 === 1;
    const begun = performance.now();
    const { status } = await signIn(`user${who}`, isRight ? password : 'wrong', `198.51.100.${who + 1}`);
    ms.push(performance.now() - begun);
    if (status !== (isRight ? 200 : 401)) wrong.push(`user${who}, ${isRight ? 'right' : 'wrong'}: ${status}`);
  });
  await Promise.all(attempts);
  await sleep(Math.max(0, started + seconds * 1000 - performance.now()));
}
