/** Review sessions over HTTP: begin, list, prolong, end. */
import { formatRfc3339, z, type CameraScope, type Principal } from '@heldar/plugin-sdk';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { checkWindow, secondsBetween } from '../../playback/asked-window.ts';
import { playlistName } from '../../playback/playlist.ts';
import { sessionLimitMs, type Sessions } from '../../playback/sessions.ts';
import { listSessions, type SessionRow } from '../../store/export-queries.ts';
import { playbackSessions } from '../../store/media-schema.ts';
import type { Store } from '../../store/store.ts';
import { timeField } from '../body-time.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { isManager, requireOwner } from '../owner.ts';
import { limitParam } from '../query-params.ts';
import { windowDetail } from './clips.ts';
import { footageReport, storedReport } from './export-schemas.ts';

const sessionOutput = z
  .object({
    id: z.string(),
    camera_id: z.string(),
    playlist_url: z.string(),
    from: z.string(),
    to: z.string(),
    duration_s: z.number(),
    segment_count: z.int(),
    ...footageReport,
    created_by: z.string(),
    created_at: z.string(),
    expires_at: z.string(),
  })
  .meta({ id: 'PlaybackSession' });
const sessionBody = z.object({ from: timeField(), to: timeField() });
const sessionParams = z.object({
  session_id: z.string().regex(/^pbs_[A-Za-z0-9_]{0,60}$/, 'expected an id such as a session was given'),
});

export interface PlaybackSessionRoutesOptions {
  readonly store: Pick<Store, 'read'>;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly maxSeconds: number;
}

export function playbackSessionRoutes(options: PlaybackSessionRoutesOptions): KernelRoute[] {
  const { store, sessions, clock } = options;
  const missing = () => new HeldarError('not_found', 'no such review session, or it has expired');

  const owned = (id: string, { principal, cameras }: { principal: Principal; cameras: CameraScope }) => {
    const row = sessions.read(id);
    if (row === undefined || !cameras.includes(row.cameraId)) throw missing();
    requireOwner(principal, row.createdBy, 'review session');
    return row;
  };

  return [
    kernelRoute.post('/api/v1/cameras/:id/playback/sessions', {
      summary: 'Begin a review session: an HLS playlist over the recordings, ready at once',
      capability: 'view',
      scope: { camera: 'params.id' },
      audit: { action: 'create_playback_session', target: 'camera' },
      params: z.object({ id: z.string() }),
      body: sessionBody,
      output: sessionOutput,
      // The job has its own limit; this one covers the wait for it too.
      timeoutMs: 2 * sessionLimitMs,
      async handle({ params: { id: cameraId }, body, principal, audit }) {
        const window = checkWindow(body, options.maxSeconds);
        const row = await sessions.create({
          cameraId,
          window,
          createdBy: principal.id,
          audit: (id) => audit(cameraId, { detail: { session_id: id, ...windowDetail(window) } }),
        });
        return {
          ...sessionView(row),
          from: formatRfc3339(body.from.ms, body.from.ns),
          to: formatRfc3339(body.to.ms, body.to.ns),
          duration_s: secondsBetween(body.from, body.to),
        };
      },
    }),
    kernelRoute.get('/api/v1/playback/sessions', {
      summary: 'Review sessions: all for who manages the registry, else the own',
      capability: 'view',
      scope: { rows: 'cameras' },
      query: z.object({ limit: limitParam(100, 1, 1000) }),
      output: z.array(sessionOutput),
      handle: ({ query: { limit }, principal, cameras }) =>
        listSessions(store.read, {
          now: clock.now(),
          limit,
          owned: cameras.owns(playbackSessions.cameraId),
          ...(isManager(principal) ? {} : { createdBy: principal.id }),
        }).map(sessionView),
    }),
    kernelRoute.post('/api/v1/playback/sessions/:session_id/prolong', {
      summary: 'Let a review session live as long as a new one',
      capability: 'view',
      scope: { rows: 'cameras' },
      audit: { action: 'prolong_playback_session', target: 'playback_session' },
      params: sessionParams,
      output: sessionOutput,
      async handle({ params: { session_id: id }, principal, cameras, audit }) {
        const { cameraId: camera } = owned(id, { principal, cameras });
        const row = await sessions.prolong(id, audit(id, { camera }));
        if (row === undefined) throw missing();
        return sessionView(row);
      },
    }),
    kernelRoute.delete('/api/v1/playback/sessions/:session_id', {
      summary: 'End a review session: its creator, or who manages the registry',
      capability: 'view',
      scope: { rows: 'cameras' },
      audit: { action: 'delete_playback_session', target: 'playback_session' },
      params: sessionParams,
      async handle({ params: { session_id: id }, principal, cameras, audit }) {
        const { cameraId: camera } = owned(id, { principal, cameras });
        await sessions.remove(id, audit(id, { camera }));
      },
    }),
  ];
}

function sessionView(row: SessionRow) {
  return {
    id: row.id,
    camera_id: row.cameraId,
    playlist_url: `/media/playback/${row.id}/${playlistName}`,
    from: formatRfc3339(row.fromTime),
    to: formatRfc3339(row.toTime),
    duration_s: (row.toTime - row.fromTime) / 1000,
    segment_count: row.segmentCount,
    ...storedReport(row.report),
    created_by: row.createdBy,
    created_at: formatRfc3339(row.createdAt),
    expires_at: formatRfc3339(row.expiresAt),
  };
}
