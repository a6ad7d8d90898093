/** One run of HTTP load, in a process of its own: reads its order from the command line, prints its result as JSON. */
import autocannon from 'autocannon';
import { batchOf } from './batches.ts';

export interface LoadOrder {
  readonly url: string;
  /** Part of every key: distinct for each run. */
  readonly run: string;
  readonly connections: number;
  readonly seconds: number;
  /** Requests a second over all connections; null: as many as it takes. */
  readonly rate: number | null;
}

export interface LoadResult {
  readonly accepted: number;
  readonly refused: number;
  readonly errors: number;
  readonly perSecond: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly maxMs: number;
}

const order = JSON.parse(process.argv[2] ?? '{}') as LoadOrder;
let next = 0;
const result = await autocannon({
  url: order.url,
  connections: order.connections,
  duration: order.seconds,
  ...(order.rate === null ? {} : { overallRate: order.rate }),
  requests: [
    {
      method: 'POST',
      path: '/api/v1/ai/events',
      headers: { 'content-type': 'application/json' },
      setupRequest: (request) => ({ ...request, body: JSON.stringify(batchOf(order.run, next++)) }),
    },
  ],
});
const loadResult: LoadResult = {
  accepted: result['2xx'],
  refused: result.non2xx,
  errors: result.errors,
  perSecond: result['2xx'] / result.duration,
  p50Ms: result.latency.p50,
  p99Ms: result.latency.p99,
  maxMs: result.latency.max,
};
process.stdout.write(JSON.stringify(loadResult));
