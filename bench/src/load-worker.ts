/** One run of HTTP load, in a process of its own: reads its order from the command line, prints its result as JSON. Every request sent is waited for. */
import { Client } from 'undici';
import { batchOf } from './batches.ts';
import { quantile } from './machine.ts';

export interface LoadOrder {
  readonly url: string;
  /** Part of every key: distinct for each run. */
  readonly run: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; null: as many as it takes. */
  readonly rate: number | null;
  /** Of a caller who may ingest; absent: sign-in is off. */
  readonly token?: string;
}

export interface LoadResult {
  readonly accepted: number;
  readonly refused: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

/** At a fixed rate the first seconds are not measured: the generator compiles itself, which its clients would have to wait for. */
const warmUpMs = 5000;

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
const latencies: number[] = [];
let started = 0;
let sent = 0;
let accepted = 0;
let refused = 0;

/** One POST; its latency counts from `due`, so that waiting for a free connection counts too. */
async function post(client: Client, due: number): Promise<void> {
  const { statusCode, body } = await client.request({
    method: 'POST',
    path: '/api/v1/ai/events',
    headers: {
      'content-type': 'application/json',
      ...(order.token === undefined ? {} : { authorization: `Bearer ${order.token}` }),
    },
    body: JSON.stringify(batchOf(order.run, sent++)),
  });
  await body.dump();
  if (order.rate === null || due > started + warmUpMs) latencies.push(performance.now() - due);
  if (statusCode >= 200 && statusCode < 300) accepted += 1;
  else refused += 1;
}

const clients = Array.from({ length: order.connections }, () => new Client(order.url, { pipelining: 1 }));
started = performance.now();
const until = started + order.seconds * 1000;
/** When the n-th request is due at the asked-for rate. */
let scheduled = 0;
await Promise.all(
  clients.map(async (client) => {
    while (performance.now() < until) {
      if (order.rate === null) {
        await post(client, performance.now());
        continue;
      }
      const due = started + (scheduled++ * 1000) / order.rate;
      if (due >= until) return;
      const wait = due - performance.now();
      if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
      await post(client, due);
    }
  }),
);
const seconds = (performance.now() - started) / 1000;
await Promise.all(clients.map((client) => client.close()));
latencies.sort((a, b) => a - b);
const result: LoadResult = {
  accepted,
  refused,
  perSecond: accepted / seconds,
  p50Ms: quantile(latencies, 0.5),
  p99Ms: quantile(latencies, 0.99),
  maxMs: latencies.at(-1) ?? 0,
};
process.stdout.write(JSON.stringify(result));
