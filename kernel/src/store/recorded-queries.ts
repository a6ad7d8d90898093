/** What production recorded: the log of a store, and how far each consumer has come in it. Read only, as of one moment. */
import type { CameraInfo } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { openReader, type SqliteDatabase } from './database.ts';
import type { GenerationFacts } from './generations.ts';
import { createLogQueries, type LogRow } from './log-queries.ts';
import { createResultsQueries, type Results } from './results-queries.ts';
import type { CameraLife } from './shadow-store.ts';
import type { StepCause } from './units.ts';

export interface RecordedConsumer {
  readonly id: number;
  /** Lanes without a cursor begin behind this sequence. */
  readonly startSeq: number;
  readonly cursors: ReadonlyMap<number, { readonly seq: number; readonly tick: number }>;
}

/** A log record as it is stored. */
export interface StoredRecord extends LogRow {
  /** Nanoseconds within the millisecond `at_ms`. */
  readonly at_ns: number;
  /** Number of detections. */
  readonly n: number;
}

/** An event with where it comes from. */
export interface RecordedEvent {
  readonly id: string;
  readonly type: string;
  readonly cameraId: string | null;
  readonly siteId: string | null;
  readonly severity: string;
  readonly atMs: number;
  /** JSON text. */
  readonly payload: string;
  /** `kernel`, `worker`, or the plugin's name. */
  readonly source: string;
  /** The consumer that emitted it; null: none did, or it is older than the store's knowledge of that. */
  readonly consumer: { id: number; name: string; epoch: number; lane: number } | null;
  readonly cause: StepCause | null;
}

/** What a consumer ran with. */
export interface RecordedGeneration extends GenerationFacts {
  /** ms since the epoch. */
  readonly startedAt: number;
}

export interface Recorded extends Disposable {
  readonly storeId: string;
  readonly cameras: readonly CameraLife[];
  /** Cameras as plugins see them, as they are now. */
  cameraInfos(): CameraInfo[];
  /** Of the records that are kept; null: there are none. */
  readonly bounds: { firstSeq: number; lastSeq: number; firstAt: number; lastAt: number } | null;
  /** Records behind `seq`, of a camera's life or (lane 0) of the whole log. */
  next(lane: number, seq: number, limit: number): StoredRecord[];
  /** Records behind `after`: batches received at `from` or later, and all control records. */
  since(range: { after: number; limit: number; from: number }): StoredRecord[];
  record(seq: number): StoredRecord | undefined;
  /** Of the plugin; undefined: this store has never run it. */
  consumer(plugin: string, name: string): RecordedConsumer | undefined;
  resultsOf(plugin: string): Results;
  event(id: string): RecordedEvent | undefined;
  /** undefined: nothing is known of that epoch. */
  generation(consumerId: number, epoch: number): RecordedGeneration | undefined;
  /** Oldest event that is kept, log time; null: none was ever deleted. */
  eventsKeptFrom(): number | null;
}

/**
 * Opens the database of a data folder, also while a kernel runs on it: everything is read as of now, until it is disposed.
 * @throws HeldarError `store_unusable` when the database is of an older kernel.
 */
export function openRecorded(file: string): Recorded {
  const db = openReader(file);
  try {
    db.exec('BEGIN');
    refuseOld(db, file);
    return recordedIn(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

function refuseOld(db: SqliteDatabase, file: string): void {
  const known = db.prepare(`SELECT 1 FROM pragma_table_info('events') WHERE name = 'cause'`).get();
  if (known === undefined)
    throw new HeldarError(
      'store_unusable',
      `${file} is of an older kernel and does not say where its events come from; next: heldar migrate up kernel, or start the kernel once`,
    );
}

function recordedIn(db: SqliteDatabase): Recorded {
  const { lanes } = createLogQueries(db);
  const { storeId } = db.prepare(`SELECT value AS storeId FROM meta WHERE key = 'store_id'`).get() as {
    storeId: string;
  };
  const cameras = db
    .prepare(
      `SELECT incarnation, camera_id AS id, created_at AS createdAt, deleted_at AS deletedAt
       FROM camera_incarnations ORDER BY incarnation`,
    )
    .all() as CameraLife[];
  const consumer = db.prepare(
    `SELECT id, start_seq AS startSeq FROM consumers WHERE kind = 'consumer' AND plugin = ? AND name = ?`,
  );
  const columns = `l.seq, l.kind, l.incarnation, c.camera_id, l.site_id, l.type, l.frame_id, l.at_ms, l.at_ns, l.received, l.n, l.body`;
  const log = `SELECT ${columns} FROM log l LEFT JOIN camera_incarnations c ON c.incarnation = l.incarnation`;
  const ofLane = db.prepare(`${log} WHERE l.incarnation = ? AND l.seq > ? ORDER BY l.seq LIMIT ?`);
  const ofAll = db.prepare(`${log} WHERE l.seq > ? ORDER BY l.seq LIMIT ?`);
  const since = db.prepare(
    `${log} WHERE l.seq > ? AND (l.received >= ? OR l.kind = 'record') ORDER BY l.seq LIMIT ?`,
  );
  return {
    storeId,
    cameras,
    cameraInfos: () =>
      (
        db.prepare('SELECT id, site_id AS siteId, name, enabled FROM cameras ORDER BY id').all() as (Omit<
          CameraInfo,
          'enabled'
        > & { enabled: number })[]
      ).map(({ enabled, ...camera }) => ({ ...camera, enabled: enabled === 1 })),
    bounds: boundsOf(db),
    next: (lane, seq, limit) =>
      (lane === 0 ? ofAll.all(seq, limit) : ofLane.all(lane, seq, limit)) as StoredRecord[],
    since: ({ after, limit, from }) => since.all(after, from, limit) as StoredRecord[],
    record: (seq) => db.prepare(`${log} WHERE l.seq = ?`).get(seq) as StoredRecord | undefined,
    consumer(plugin, name) {
      const found = consumer.get(plugin, name) as { id: number; startSeq: number } | undefined;
      if (found === undefined) return undefined;
      const cursors = new Map(lanes(found.id).map(({ lane, seq, tick }) => [lane, { seq, tick }]));
      return { ...found, cursors };
    },
    resultsOf: (plugin) => createResultsQueries(db, plugin),
    event: (id) => eventIn(db, id),
    generation: (consumerId, epoch) =>
      db
        .prepare(
          `SELECT version, config, started_at AS startedAt FROM generations
           WHERE consumer_id = ? AND epoch <= ? ORDER BY epoch DESC LIMIT 1`,
        )
        .get(consumerId, epoch) as RecordedGeneration | undefined,
    eventsKeptFrom() {
      const row = db.prepare('SELECT seq, created_at AS at FROM events ORDER BY seq LIMIT 1').get() as
        { seq: number; at: number } | undefined;
      return row === undefined || row.seq === 1 ? null : row.at;
    },
    [Symbol.dispose]: () => db.close(),
  };
}

function eventIn(db: SqliteDatabase, id: string): RecordedEvent | undefined {
  const row = db
    .prepare(
      `SELECT e.id, e.event_type AS type, e.camera_id AS cameraId, e.site_id AS siteId, e.severity, e.at_ms AS atMs, e.payload,
         e.source, e.consumer_id AS consumerId, c.name, e.epoch, e.lane, e.cause AS kind, e.cause_at AS at
       FROM events e LEFT JOIN consumers c ON c.id = e.consumer_id WHERE e.id = ?`,
    )
    .get(id) as
    | (Omit<RecordedEvent, 'consumer' | 'cause'> & {
        consumerId: number | null;
        name: string | null;
        epoch: number;
        lane: number;
        kind: StepCause['kind'] | null;
        at: number;
      })
    | undefined;
  if (row === undefined) return undefined;
  const { consumerId, name, epoch, lane, kind, at, ...event } = row;
  return {
    ...event,
    consumer: consumerId === null || name === null ? null : { id: consumerId, name, epoch, lane },
    cause: kind === null ? null : { kind, at },
  };
}

function boundsOf(db: SqliteDatabase): Recorded['bounds'] {
  const end = (order: 'ASC' | 'DESC') =>
    db.prepare(`SELECT seq, received FROM log ORDER BY seq ${order} LIMIT 1`).get() as
      { seq: number; received: number } | undefined;
  const first = end('ASC');
  const last = end('DESC');
  if (first === undefined || last === undefined) return null;
  return { firstSeq: first.seq, lastSeq: last.seq, firstAt: first.received, lastAt: last.received };
}
