/** Review sessions from their request to their end: nothing is copied, each part is made of the recordings when it is asked for. */
import type { Logger } from '@heldar/plugin-sdk';
import type { Clock } from '../clock.ts';
import { HeldarError, messageOf } from '../errors.ts';
import { newId } from '../ids.ts';
import type { Lease, Leases } from '../recording/leases.ts';
import { startLoop, type Loop } from '../runtime/loop.ts';
import { expiredSessions, readSession, segmentsById, type SessionRow } from '../store/export-queries.ts';
import type { Store } from '../store/store.ts';
import type { NewAudit } from '../store/units.ts';
import { footageOf } from './asked-window.ts';
import type { LocateFootage } from './footage.ts';
import type { JobPool } from './job-pool.ts';
import { renderPart } from './parts.ts';
import { parsePlaylistFile, playlistName } from './playlist.ts';
import { reportView } from './report-view.ts';
import { planSession, type SessionPlan } from './session-plan.ts';
import { piecesOf, type Window } from './window.ts';

export interface SessionRequest {
  readonly cameraId: string;
  readonly window: Window;
  /** Id of the principal. */
  readonly createdBy: string;
  /** The row for the audit log, of the session's id. */
  readonly audit?: (id: string) => NewAudit;
}

export interface SessionFile {
  readonly bytes: Buffer;
  readonly contentType: string;
  /** ms since the epoch; what is made of the same recordings never changes. */
  readonly modifiedAt: number;
}

export interface Sessions {
  start(): void;
  stop(): Promise<void>;
  /** @throws HeldarError `not_found` without footage, `busy` or `unavailable`. */
  create(request: SessionRequest): Promise<SessionRow>;
  /** undefined when the session is over. */
  read(id: string): SessionRow | undefined;
  /** Lets it live as long as a new one. undefined when it is over. */
  prolong(id: string, audit?: NewAudit): Promise<SessionRow | undefined>;
  /** False: there is no such session. */
  remove(id: string, audit?: NewAudit): Promise<boolean>;
  /** A file of a session: its playlist, a header or a part. undefined: it has none of that name. */
  file(session: SessionRow, name: string): Promise<SessionFile | undefined>;
}

export interface SessionsOptions {
  readonly store: Pick<Store, 'read' | 'write'>;
  readonly clock: Clock;
  readonly leases: Leases;
  /** Sessions are planned in it. */
  readonly exports: JobPool;
  readonly locate: LocateFootage;
  readonly ttlMs: number;
  readonly log: Logger;
}

/** A session is there by then, or given up. */
export const sessionLimitMs = 300_000;
const sweepMs = 60_000;
const rowsPerStep = 100;
/** Plans kept in memory; one of two hours has some hundred KiB, and others are made again. */
const plansKept = 32;

/** The lease on a session's segments has the session's id, outlives the process, and names the segments the session is made of. */
export function createSessions(options: SessionsOptions): Sessions {
  const { store, clock, leases, locate, ttlMs, log } = options;
  /** The one used last is the last. */
  const plans = new Map<string, Promise<SessionPlan>>();
  let sweeper: Loop | null = null;

  const keep = (id: string, plan: Promise<SessionPlan>): Promise<SessionPlan> => {
    plans.delete(id);
    plans.set(id, plan);
    const [oldest] = plans.keys();
    if (plans.size > plansKept && oldest !== undefined) plans.delete(oldest);
    return plan;
  };

  const planAgain = (session: SessionRow): Promise<SessionPlan> => {
    const window = { from: session.fromTime, to: session.toTime };
    const plan = options.exports.run(sessionLimitMs, (signal) => {
      const segmentIds = leases.resume(session.id, ttlMs)?.segmentIds ?? [];
      return planSession(piecesOf(segmentsById(store.read, segmentIds), window), window, locate, signal);
    });
    plan.catch(() => plans.delete(session.id));
    return plan;
  };
  const planOf = (session: SessionRow) => keep(session.id, plans.get(session.id) ?? planAgain(session));

  const remove = async (id: string, audit?: NewAudit): Promise<boolean> => {
    plans.delete(id);
    return await store.write('sessions.remove', { id }, audit);
  };

  const build = async (request: SessionRequest, lease: Lease, signal: AbortSignal): Promise<SessionRow> => {
    const { cameraId, window, createdBy } = request;
    const segments = segmentsById(store.read, lease.segmentIds);
    const plan = await planSession(piecesOf(segments, window), window, locate, signal);
    const report = { ...reportView(plan.report), starts_early_s: plan.leadS };
    const { id } = lease;
    const segmentCount = segments.length;
    const { from: fromTime, to: toTime } = window;
    await lease.renew(ttlMs);
    const session = { id, cameraId, fromTime, toTime, segmentCount, report, createdBy, ttlMs };
    await store.write('sessions.add', session, request.audit?.(id));
    const row = readSession(store.read, id, clock.now());
    if (row === undefined) throw new HeldarError('not_found', `camera ${cameraId} not found`);
    void keep(id, Promise.resolve(plan));
    return row;
  };

  const create = async (request: SessionRequest, signal: AbortSignal): Promise<SessionRow> => {
    const { segmentIds } = footageOf(store, request.cameraId, request.window);
    const id = newId('pbs', clock.now());
    const lease = await leases.take(segmentIds, 'session', Math.max(ttlMs, sessionLimitMs), id);
    try {
      return await build(request, lease, signal);
    } catch (error) {
      await lease.release();
      throw error;
    }
  };

  return {
    start() {
      sweeper = startLoop({
        clock,
        everyMs: sweepMs,
        async run() {
          for (const id of expiredSessions(store.read, clock.now(), rowsPerStep)) await remove(id);
        },
        onError: (error) => log.error({ reason: messageOf(error) }, 'review sessions could not be swept'),
      });
    },
    stop: () => sweeper?.stop() ?? Promise.resolve(),
    create(request) {
      // Asked first, so that a window without footage waits for nobody.
      footageOf(store, request.cameraId, request.window);
      return options.exports.run(sessionLimitMs, (signal) => create(request, signal));
    },
    read: (id) => readSession(store.read, id, clock.now()),
    async prolong(id, audit) {
      if ((await store.write('sessions.prolong', { id, ttlMs }, audit)) === null) return undefined;
      await leases.resume(id, ttlMs)?.renew();
      return readSession(store.read, id, clock.now());
    },
    remove,
    async file(session, name) {
      const modifiedAt = session.createdAt;
      const plan = await planOf(session);
      if (name === playlistName)
        return {
          bytes: Buffer.from(plan.playlist),
          contentType: 'application/vnd.apple.mpegurl',
          modifiedAt,
        };
      const asked = parsePlaylistFile(name);
      if (asked?.kind === 'header') return movieFile(plan.headers[asked.index], modifiedAt);
      const part = asked === undefined ? undefined : plan.parts[asked.index];
      if (asked === undefined || part === undefined) return undefined;
      try {
        return movieFile(await renderPart(part, asked.index + 1), modifiedAt);
      } catch (error) {
        throw new HeldarError('not_found', 'the recording of this part can no longer be read', {
          cause: error,
        });
      }
    },
  };
}

function movieFile(bytes: Buffer | undefined, modifiedAt: number): SessionFile | undefined {
  return bytes === undefined ? undefined : { bytes, contentType: 'video/mp4', modifiedAt };
}
