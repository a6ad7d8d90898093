/** What is recorded, over HTTP: segments, coverage, holes. */
import { formatRfc3339, z, type Instant } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { gapsOf, timelineOf, type Range } from '../../playback/timeline.ts';
import { coverage, listSegments, type SegmentRow, type TimeRange } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';

const params = z.object({ id: z.string() });
const nullableText = z.string().nullable();
const nullableInt = z.int().nullable();
const query = z.object({ from: timeParam(), to: timeParam(), limit: limitParam(500, 1, 5000) });
const segmentOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    path: z.string(),
    start_time: z.string(),
    end_time: z.string(),
    duration_s: z.number(),
    codec: nullableText,
    width: nullableInt,
    height: nullableInt,
    size_bytes: z.int(),
    container: z.literal('mp4'),
    locked: z.boolean(),
    evidence_locked: z.boolean(),
    incident_id: nullableText,
    created_at: z.string(),
    url: z.string(),
  })
  .meta({ id: 'Segment' });
const range = z.object({ start: z.string(), end: z.string(), seconds: z.number() }).meta({ id: 'TimeRange' });
const window = { camera_id: z.string(), from: nullableText, to: nullableText };
const timelineOutput = z
  .object({
    ...window,
    ranges: z.array(range),
    recorded_seconds: z.number(),
    segment_count: z.int(),
  })
  .meta({ id: 'Timeline' });
const gapsOutput = z
  .object({
    ...window,
    gaps: z.array(range),
    gap_count: z.int(),
    total_gap_seconds: z.number(),
  })
  .meta({ id: 'Gaps' });

export function recordingRoutes({ store }: { store: Pick<Store, 'read'> }): KernelRoute[] {
  const common = { capability: 'view', scope: { camera: 'params.id' }, params, query } as const;
  return [
    kernelRoute.get('/api/v1/cameras/:id/segments', {
      ...common,
      summary: 'Segments, ascending by start: with a bound the oldest that overlap, else the newest',
      output: z.array(segmentOutput),
      handle: ({ params: { id }, query: asked }) =>
        listSegments(store.read, id, boundsOf(asked), asked.limit).map(segmentView),
    }),
    kernelRoute.get('/api/v1/cameras/:id/timeline', {
      ...common,
      summary: 'Coverage ranges',
      output: timelineOutput,
      handle({ params: { id }, query: asked }) {
        const { ranges, segmentCount } = timelineOf(coverage(store.read, id, boundsOf(asked)));
        const shown = ranges.map(rangeView);
        return {
          camera_id: id,
          ...windowView(asked),
          ranges: shown,
          recorded_seconds: secondsIn(ranges),
          segment_count: segmentCount,
        };
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/gaps', {
      ...common,
      summary: 'Holes of more than two seconds in the coverage',
      output: gapsOutput,
      handle({ params: { id }, query: asked }) {
        const bounds = boundsOf(asked);
        const gaps = gapsOf(timelineOf(coverage(store.read, id, bounds)).ranges, bounds);
        return {
          camera_id: id,
          ...windowView(asked),
          gaps: gaps.map(rangeView),
          gap_count: gaps.length,
          total_gap_seconds: secondsIn(gaps),
        };
      },
    }),
  ];
}

interface AskedWindow {
  readonly from?: Instant | undefined;
  readonly to?: Instant | undefined;
}

/** Equal bounds are allowed. Nanoseconds are finer than footage is. */
function boundsOf({ from, to }: AskedWindow): TimeRange {
  if (from !== undefined && to !== undefined && isLater(from, to))
    throw new HeldarError('bad_request', 'from: must not be later than to');
  return { from: from?.ms, to: to === undefined ? undefined : to.ms + Number(to.ns > 0) };
}

function isLater(a: Instant, b: Instant): boolean {
  return a.ms === b.ms ? a.ns > b.ns : a.ms > b.ms;
}

function windowView({ from, to }: AskedWindow) {
  return { from: instantText(from), to: instantText(to) };
}

function instantText(instant: Instant | undefined): string | null {
  return instant === undefined ? null : formatRfc3339(instant.ms, instant.ns);
}

function segmentView(row: SegmentRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    // Where the file lies on this machine concerns nobody; the path is relative to the recordings.
    path: row.path,
    start_time: formatRfc3339(row.startTime),
    end_time: formatRfc3339(row.endTime),
    duration_s: (row.endTime - row.startTime) / 1000,
    codec: row.codec,
    width: row.width,
    height: row.height,
    size_bytes: row.sizeBytes,
    container: 'mp4' as const,
    locked: false,
    evidence_locked: row.evidenceLocked,
    incident_id: row.incidentId,
    created_at: formatRfc3339(row.createdAt),
    url: `/media/recordings/${row.path}`,
  };
}

function rangeView({ start, end }: Range) {
  return { start: formatRfc3339(start), end: formatRfc3339(end), seconds: (end - start) / 1000 };
}

/** Summed in ms, so that no digits are lost. */
function secondsIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0) / 1000;
}
