/** What is recorded, over HTTP: segments, coverage, holes. */
import { formatRfc3339, reply, z, type Instant } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../../cameras/registry.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { createTimeline, cutTo, gapsOf, type Range, type Timeline } from '../../playback/timeline.ts';
import { causeOf } from '../../recording/gap-plan.ts';
import { outagesWithin } from '../../store/gap-queries.ts';
import { coverage, listSegments, type TimeRange } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';
import { nextPageHeader, pageOf, segmentCursorParam, segmentOutput, segmentViews } from '../segment-view.ts';

export interface RecordingRoutesOptions {
  readonly store: Pick<Store, 'read'>;
  readonly registry: Pick<CameraRegistry, 'incarnation'>;
  readonly clock: Clock;
}

const params = z.object({ id: z.string() });
const nullableText = z.string().nullable();
const bounds = { from: timeParam(), to: timeParam(), limit: limitParam(500, 1, 5000) };
const query = z.object(bounds);
const range = z.object({ start: z.string(), end: z.string(), seconds: z.number() }).meta({ id: 'TimeRange' });
const gap = z
  .object({
    start: z.string(),
    end: z.string(),
    seconds: z.number(),
    cause: nullableText.meta({ description: 'Why nothing was recorded for most of it; null: not known.' }),
  })
  .meta({ id: 'Gap' });
const windowShape = { camera_id: z.string(), from: nullableText, to: nullableText };
const timelineOutput = z
  .object({
    ...windowShape,
    ranges: z.array(range),
    recorded_seconds: z.number(),
    segment_count: z.int(),
  })
  .meta({ id: 'Timeline' });
const gapsOutput = z
  .object({
    ...windowShape,
    gaps: z.array(gap),
    gap_count: z.int(),
    total_gap_seconds: z.number(),
  })
  .meta({ id: 'Gaps' });

export function recordingRoutes({ store, registry, clock }: RecordingRoutesOptions): KernelRoute[] {
  const common = { capability: 'view', scope: { camera: 'params.id' }, params } as const;
  return [
    kernelRoute.get('/api/v1/cameras/:id/segments', {
      ...common,
      query: z.object({ ...bounds, after: segmentCursorParam() }),
      summary:
        'Segments, ascending by start: with a bound the oldest that overlap, else the newest. `after` goes on where a page ended',
      output: z.array(segmentOutput),
      replies: { 200: { description: 'The segments.', headers: nextPageHeader } },
      handle({ params: { id }, query: asked }) {
        const { limit, after } = asked;
        const isNewest = asked.from === undefined && asked.to === undefined && after === undefined;
        const rows = listSegments(store.read, id, boundsOf(asked), isNewest ? limit : limit + 1, after);
        const { shown, headers } = pageOf(rows, limit, {
          path: `/api/v1/cameras/${encodeURIComponent(id)}/segments`,
          query: { ...windowView(asked), limit: String(limit) },
        });
        return reply({
          headers: { 'content-type': 'application/json', ...headers },
          body: JSON.stringify(segmentViews(store.read, shown, clock.now())),
        });
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/timeline', {
      ...common,
      query,
      summary: 'Coverage ranges, cut to the window',
      output: timelineOutput,
      async handle({ params: { id }, query: asked, signal }) {
        const { ranges, segmentCount } = await readTimeline(store, id, boundsOf(asked), signal);
        return {
          camera_id: id,
          ...windowView(asked),
          ranges: ranges.map(rangeView),
          recorded_seconds: secondsIn(ranges),
          segment_count: segmentCount,
        };
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/gaps', {
      ...common,
      query,
      summary: 'Holes of more than two seconds in the coverage, each with its cause where it is known',
      output: gapsOutput,
      async handle({ params: { id }, query: asked, signal }) {
        const window = boundsOf(asked);
        const gaps = gapsOf((await readTimeline(store, id, window, signal)).ranges, window);
        const first = gaps[0];
        const last = gaps.at(-1);
        const incarnation = registry.incarnation(id);
        const outages =
          first === undefined || last === undefined || incarnation === undefined
            ? []
            : outagesWithin(store.read, incarnation, first.start, last.end);
        return {
          camera_id: id,
          ...windowView(asked),
          gaps: gaps.map((hole) => ({ ...rangeView(hole), cause: causeOf(hole, outages) })),
          gap_count: gaps.length,
          total_gap_seconds: secondsIn(gaps),
        };
      },
    }),
  ];
}

/** Page by page, so that a month of one camera keeps nobody waiting. */
async function readTimeline(
  store: Pick<Store, 'read'>,
  cameraId: string,
  window: TimeRange,
  signal: AbortSignal,
): Promise<Timeline> {
  const builder = createTimeline();
  for (const page of coverage(store.read, cameraId, window)) {
    builder.add(page);
    signal.throwIfAborted();
    await new Promise((resolve) => setImmediate(resolve));
  }
  const { ranges, segmentCount } = builder.timeline();
  return { ranges: cutTo(ranges, window), segmentCount };
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

function rangeView({ start, end }: Range) {
  return { start: formatRfc3339(start), end: formatRfc3339(end), seconds: (end - start) / 1000 };
}

/** Summed in ms, so that no digits are lost. */
function secondsIn(ranges: readonly Range[]): number {
  return ranges.reduce((sum, { start, end }) => sum + end - start, 0) / 1000;
}
