/** What of a window could be had, as answers tell it. */
import { formatRfc3339 } from '@heldar/plugin-sdk';
import type { FootageReport } from './footage.ts';

export function reportView({ covered, holes, skipped }: FootageReport) {
  const range = ({ start, end }: { start: number; end: number }) => ({
    start: formatRfc3339(start),
    end: formatRfc3339(end),
    seconds: (end - start) / 1000,
  });
  return {
    coverage: {
      recorded_seconds: covered.reduce((sum, { start, end }) => sum + end - start, 0) / 1000,
      ranges: covered.map(range),
    },
    holes: holes.map(range),
    skipped: skipped.map(({ segmentId, start, end, reason }) => ({
      segment_id: segmentId,
      ...range({ start, end }),
      reason,
    })),
  };
}
