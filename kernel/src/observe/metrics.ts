/** What does a scrape show? One sample, taken when asked for. */
import { Registry } from 'prom-client';
import type { Clock } from '../clock.ts';
import type { MetricsQueries } from '../store/metrics-queries.ts';
import { contractFamilies, type DiskFigures } from './contract-families.ts';
import { registerFamily } from './family.ts';
import { runtimeFamilies, type RuntimeSample } from './runtime-families.ts';

export interface Metrics {
  /** `text/plain; version=0.0.4; charset=utf-8` */
  readonly contentType: string;
  expose(): Promise<string>;
}

export function createMetrics(options: {
  version: string;
  clock: Clock;
  store: MetricsQueries;
  /** Null: unreadable. */
  disk: () => Promise<DiskFigures | null>;
  runtime: () => RuntimeSample;
  /** Metrics that are observed as things happen, not when asked for. */
  observed?: readonly { register(registry: Registry): void }[];
}): Metrics {
  const { version, clock, store } = options;
  const registry = new Registry();
  for (const metric of options.observed ?? []) metric.register(registry);
  const setContract = contractFamilies.map((family) => registerFamily(registry, family));
  const setRuntime = runtimeFamilies.map((family) => registerFamily(registry, family));
  return {
    contentType: registry.contentType,
    async expose() {
      const [disk, detections] = await Promise.all([options.disk(), store.detections()]);
      const sample = {
        version,
        now: clock.now(),
        store: store.figures(),
        cameras: store.cameras(),
        disk,
        detections,
      };
      const runtime = options.runtime();
      for (const set of setContract) set(sample);
      for (const set of setRuntime) set(runtime);
      return registry.metrics();
    },
  };
}
