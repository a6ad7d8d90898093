/** How long did consumers lag? From the kernel's own histogram, between two scrapes. */

/** Upper bound, in ms, of the bucket that holds the quantile of what was observed between the scrapes. */
export function lagQuantile(before: string, after: string, share: number): number {
  const start = bucketsOf(before);
  const end = bucketsOf(after);
  const counts = [...end].map(([bound, count]) => [bound, count - (start.get(bound) ?? 0)] as const);
  const total = Math.max(...counts.map(([, count]) => count));
  const found = counts.sort((a, b) => a[0] - b[0]).find(([, count]) => count >= total * share);
  return found === undefined ? Number.NaN : found[0] * 1000;
}

/** Bound in seconds → observations up to it, over all consumers. */
function bucketsOf(metrics: string): Map<number, number> {
  const buckets = new Map<number, number>();
  for (const [, bound = '', count = ''] of metrics.matchAll(
    /^heldar_consumer_lag_seconds_bucket\{[^}]*le="([^"]+)"[^}]*\} (\S+)$/gm,
  )) {
    const seconds = bound === '+Inf' ? Number.POSITIVE_INFINITY : Number(bound);
    buckets.set(seconds, (buckets.get(seconds) ?? 0) + Number(count));
  }
  return buckets;
}
