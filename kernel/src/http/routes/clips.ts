/** Clips over HTTP: build, list, delete, or download without a file. */
import { Readable } from 'node:stream';
import { formatRfc3339, reply, z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import { checkWindow, secondsBetween } from '../../playback/asked-window.ts';
import { clipFileName, clipLimitMs, type Clips, type ClipDownload } from '../../playback/clips.ts';
import type { Window } from '../../playback/window.ts';
import { listClips, readClip, type ClipRow } from '../../store/export-queries.ts';
import { clips as clipsTable } from '../../store/media-schema.ts';
import type { Store } from '../../store/store.ts';
import { timeField } from '../body-time.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { requireOwner } from '../owner.ts';
import { limitParam, timeParam } from '../query-params.ts';
import { footageReport, storedReport } from './export-schemas.ts';

const maxClipSeconds = 3600;
const cameraParams = z.object({ id: z.string() });
const startMode = z.enum(['exact', 'streamed']);
const clipBody = z.object({ from: timeField(), to: timeField(), mode: startMode.default('exact') });
const downloadQuery = z.object({ from: timeParam(), to: timeParam(), mode: startMode.default('streamed') });
const listQuery = z.object({ before: timeParam(), limit: limitParam(100, 1, 1000) });
const clipOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    filename: z.string(),
    url: z.string(),
    from: z.string(),
    to: z.string(),
    requested_seconds: z.number(),
    size_bytes: z.int(),
    segment_count: z.int(),
    start_mode: startMode,
    ...footageReport,
    created_by: z.string(),
    created_at: z.string(),
    expires_at: z.string().nullable(),
  })
  .meta({ id: 'Clip' });

export function clipRoutes({ store, clips }: { store: Pick<Store, 'read'>; clips: Clips }): KernelRoute[] {
  return [
    kernelRoute.post('/api/v1/cameras/:id/clip', {
      summary: 'Export a window of at most an hour as an MP4 file; answers when it is whole',
      capability: 'view',
      scope: { camera: 'params.id' },
      audit: { action: 'create_clip', target: 'clip' },
      params: cameraParams,
      body: clipBody,
      output: clipOutput,
      // The job has its own limit; this one covers the wait for it too.
      timeoutMs: 2 * clipLimitMs,
      async handle({ params: { id: cameraId }, body, principal, audit }) {
        const window = checkWindow(body, maxClipSeconds);
        const row = await clips.create({
          cameraId,
          window,
          mode: body.mode,
          createdBy: principal.id,
          audit: (id) => audit(id, { detail: windowDetail(window) }),
        });
        return {
          ...clipView(row),
          from: formatRfc3339(body.from.ms, body.from.ns),
          to: formatRfc3339(body.to.ms, body.to.ns),
          requested_seconds: secondsBetween(body.from, body.to),
        };
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/clip.mp4', {
      summary: 'Download a window of at most an hour; nothing is kept of it',
      capability: 'view',
      urlToken: true,
      scope: { camera: 'params.id' },
      audit: { action: 'download_clip', target: 'camera' },
      params: cameraParams,
      query: downloadQuery,
      replies: {
        200: {
          description:
            'The clip: `mode=streamed` as fragments from the key frame on, `exact` as a whole file.',
          contentType: 'video/mp4',
          headers: {
            'x-clip-start-mode': '`streamed` or `exact`.',
            'x-clip-starts-early-s': 'How much it begins before `from`, s.',
            'x-clip-recorded-s': 'How much of the window was recorded, s.',
          },
        },
      },
      async handle({ params: { id: cameraId }, query: { from, to, mode }, accessed }) {
        if (from === undefined || to === undefined)
          throw new HeldarError('bad_request', `${from === undefined ? 'from' : 'to'}: is missing`);
        const window = checkWindow({ from, to }, maxClipSeconds);
        const detail = windowDetail(window);
        await accessed(`${cameraId} ${detail.from} ${detail.to}`, { detail });
        const clip = await clips.download({ cameraId, window, mode });
        const name = `${cameraId}_${formatRfc3339(window.from).replaceAll(/[-:]/g, '')}.mp4`;
        const recordedMs = clip.report.covered.reduce((sum, { start, end }) => sum + end - start, 0);
        return reply({
          headers: {
            'content-type': 'video/mp4',
            'content-disposition': `attachment; filename="${name}"`,
            'cache-control': 'no-store',
            'x-clip-start-mode': mode,
            'x-clip-starts-early-s': clip.leadS.toFixed(3),
            'x-clip-recorded-s': (recordedMs / 1000).toFixed(3),
            ...(clip.sizeBytes === null ? {} : { 'content-length': String(clip.sizeBytes) }),
          },
          body: streamOf(clip),
        });
      },
    }),
    kernelRoute.get('/api/v1/cameras/:id/clips', {
      summary: 'Clips of a camera, newest first',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: cameraParams,
      query: listQuery,
      output: z.array(clipOutput),
      handle: ({ params: { id: cameraId }, query: { before, limit } }) =>
        listClips(store.read, { cameraId, before: before?.ms, limit }).map(clipView),
    }),
    kernelRoute.get('/api/v1/clips', {
      summary: 'Clips of all cameras, newest first',
      capability: 'view',
      scope: { rows: 'cameras' },
      query: listQuery,
      output: z.array(clipOutput),
      handle: ({ query: { before, limit }, cameras }) =>
        listClips(store.read, { before: before?.ms, limit, owned: cameras.owns(clipsTable.cameraId) }).map(
          clipView,
        ),
    }),
    kernelRoute.delete('/api/v1/clips/:clip_id', {
      summary: 'Delete a clip: its creator, or who manages the registry',
      capability: 'view',
      scope: { rows: 'cameras' },
      audit: { action: 'delete_clip', target: 'clip' },
      params: z.object({ clip_id: z.string() }),
      async handle({ params: { clip_id: id }, cameras, principal, audit }) {
        const row = readClip(store.read, id);
        if (row === undefined || !cameras.includes(row.cameraId))
          throw new HeldarError('not_found', 'no such clip');
        requireOwner(principal, row.createdBy, 'clip');
        await clips.remove(id, audit(id, { camera: row.cameraId }));
      },
    }),
  ];
}

/** A window as the audit log has it. */
export function windowDetail({ from, to }: Window): { from: string; to: string } {
  return { from: formatRfc3339(from), to: formatRfc3339(to) };
}

function clipView(row: ClipRow) {
  const filename = clipFileName(row.id);
  return {
    id: row.id,
    camera_id: row.cameraId,
    filename,
    url: `/media/clips/${filename}`,
    from: formatRfc3339(row.fromTime),
    to: formatRfc3339(row.toTime),
    requested_seconds: (row.toTime - row.fromTime) / 1000,
    size_bytes: row.sizeBytes,
    segment_count: row.segmentCount,
    start_mode: row.startMode,
    ...storedReport(row.report),
    created_by: row.createdBy,
    created_at: formatRfc3339(row.createdAt),
    expires_at: row.expiresAt === null ? null : formatRfc3339(row.expiresAt),
  };
}

/** The footage is let go of when all is sent, and when the client hangs up. */
function streamOf(clip: ClipDownload): Readable {
  const body = Readable.from(clip.bytes(), { objectMode: false, highWaterMark: 1024 * 1024 });
  body.once('close', () => void clip.release());
  return body;
}
