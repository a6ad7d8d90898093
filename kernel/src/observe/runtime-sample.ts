/** What the parts of the running kernel say of themselves, for one scrape. */
import type { Dispatcher } from '../detections/dispatcher.ts';
import type { Ingest } from '../detections/ingest.ts';
import type { Http } from '../http/server.ts';
import type { BudgetWatch } from '../plugins/budget-watch.ts';
import type { PluginHost } from '../plugins/host.ts';
import { createParkedQueries } from '../store/parked-queries.ts';
import type { Store } from '../store/store.ts';
import type { LoopDelayMonitor } from './loop-delay.ts';
import type { RuntimeSample } from './runtime-families.ts';

export function createRuntimeSample(parts: {
  store: Store;
  ingest: Ingest;
  dispatcher: Dispatcher;
  host: PluginHost;
  budgets: BudgetWatch;
  http: () => Pick<Http, 'requestsUnderWay' | 'streamsOpen'>;
  loopDelay: LoopDelayMonitor;
}): () => RuntimeSample {
  const { store, ingest, dispatcher, host, budgets, loopDelay } = parts;
  const parked = createParkedQueries(store.reader);
  return () => ({
    ingest: {
      ...ingest.counters,
      queueUnits: store.committer.depth,
      queueBytes: store.committer.pendingBytes,
    },
    consumers: dispatcher.stats().map(({ plugin, consumer, lagRecords }) => ({
      plugin,
      consumer,
      lagRecords,
      parked: parked.countOf(plugin, consumer),
    })),
    plugins: host.list().map((plugin) => ({
      plugin: plugin.name,
      state: plugin.state,
      faults: plugin.faults.count,
      tier: plugin.isolation,
      restarts: plugin.isolate?.deaths ?? 0,
      memoryBytes: plugin.isolate?.memoryBytes ?? null,
      measured: budgets.view(plugin).measured,
    })),
    http: { requests: parts.http().requestsUnderWay, streams: parts.http().streamsOpen },
    loopDelay: loopDelay.read(),
  });
}
