/** How fast does a figure grow? Least squares over its samples. */

/** Bytes a minute. */
export function slopePerMinute(samples: readonly { atMs: number; bytes: number }[]): number {
  const n = samples.length;
  const meanAt = samples.reduce((sum, { atMs }) => sum + atMs, 0) / n;
  const meanBytes = samples.reduce((sum, { bytes }) => sum + bytes, 0) / n;
  let above = 0;
  let below = 0;
  for (const { atMs, bytes } of samples) {
    above += (atMs - meanAt) * (bytes - meanBytes);
    below += (atMs - meanAt) ** 2;
  }
  return (above / below) * 60_000;
}
