/** What is told of a segment on the wire, by whichever route. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { SegmentCursor, SegmentRow } from '../store/segment-queries.ts';
import { leasedAmong } from '../store/segment-queries.ts';
import type { ReadDb } from '../store/store.ts';

const nullableText = z.string().nullable();
const nullableInt = z.int().nullable();

export const segmentOutput = z
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

export type SegmentView = z.output<typeof segmentOutput>;

/** `now`: ms since the epoch; a lease that is in force then makes a segment `locked`. */
export function segmentViews(db: ReadDb, rows: readonly SegmentRow[], now: number): SegmentView[] {
  const ids = rows.map(({ id }) => id);
  const leased = leasedAmong(db, ids, now);
  return rows.map((row) => segmentView(row, leased.has(row.id)));
}

function segmentView(row: SegmentRow, locked: boolean): SegmentView {
  return {
    id: row.id,
    camera_id: row.cameraId,
    // Where the file lies on this machine concerns nobody; the path is relative to its root.
    path: row.path,
    start_time: formatRfc3339(row.startTime),
    end_time: formatRfc3339(row.endTime),
    duration_s: (row.endTime - row.startTime) / 1000,
    codec: row.codec,
    width: row.width,
    height: row.height,
    size_bytes: row.sizeBytes,
    container: 'mp4',
    locked,
    evidence_locked: row.evidenceLocked,
    incident_id: row.incidentId,
    created_at: formatRfc3339(row.createdAt),
    url: `/media/recordings/${row.path}`,
  };
}

const cursorPattern = /^(-?\d{1,16})\.(seg_[\w-]{1,100})$/;

/** Where the page before ended, as its `Link` header gave it. */
export function segmentCursorParam() {
  return z
    .string()
    .optional()
    .transform((text, context): SegmentCursor | undefined => {
      if (text === undefined) return undefined;
      const [, startTime, id] = cursorPattern.exec(text) ?? [];
      if (startTime !== undefined && id !== undefined) return { startTime: Number(startTime), id };
      const message = 'expected what the Link header of the page before gave';
      context.issues.push({ code: 'custom', input: text, message });
      return z.NEVER;
    });
}

export const nextPageHeader = { link: 'The next page, if there is one: `<…>; rel="next"`.' };

/** Of a page that was read with one row more than it shows: its rows, and the header that leads on. */
export function pageOf<Row extends SegmentCursor>(
  rows: readonly Row[],
  limit: number,
  url: { readonly path: string; readonly query: Readonly<Record<string, string | null>> },
): { shown: readonly Row[]; headers: Record<string, string> } {
  const shown = rows.slice(0, limit);
  const last = shown.at(-1);
  if (rows.length <= limit || last === undefined) return { shown, headers: {} };
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(url.query)) if (value !== null) query.set(name, value);
  query.set('after', `${last.startTime}.${last.id}`);
  return { shown, headers: { link: `<${url.path}?${query.toString()}>; rel="next"` } };
}
