/** How long after it was received has a record had its effect? */
import { Histogram, type Registry } from 'prom-client';

export interface LagHistogram {
  observe(plugin: string, consumer: string, lagMs: number): void;
  register(registry: Registry): void;
}

/** Seconds. */
const buckets = [
  0.001, 0.002, 0.005, 0.01, 0.02, 0.035, 0.05, 0.075, 0.1, 0.15, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300,
];

export function createLagHistogram(): LagHistogram {
  const histogram = new Histogram({
    name: 'heldar_consumer_lag_seconds',
    help: 'Time from the receipt of a record until its effects were durable.',
    labelNames: ['plugin', 'consumer'] as const,
    buckets,
    registers: [],
  });
  return {
    observe: (plugin, consumer, lagMs) => histogram.observe({ plugin, consumer }, lagMs / 1000),
    register: (registry) => registry.registerMetric(histogram),
  };
}
