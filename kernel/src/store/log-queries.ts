/** What the dispatcher reads from the log: the next records of a lane, and where lanes stand. */
import type { SqliteDatabase } from './database.ts';

export interface LogRow {
  readonly seq: number;
  readonly kind: 'batch' | 'record';
  readonly incarnation: number | null;
  readonly camera_id: string | null;
  readonly site_id: string | null;
  readonly type: string;
  readonly frame_id: string | null;
  readonly at_ms: number;
  readonly received: number;
  readonly body: string | null;
}

export interface LaneRow {
  readonly lane: number;
  readonly seq: number;
  readonly tick: number;
}

export interface LogQueries {
  /** The next records behind `seq`: of one incarnation's lane, or (lane 0) of the whole log. */
  next(lane: number, seq: number, limit: number): LogRow[];
  /** Last sequence of the log. */
  head(): number;
  /** Last sequence of each lane that holds records, incarnation → sequence. */
  laneHeads(): Map<number, number>;
  lanes(consumerId: number): LaneRow[];
  lane(consumerId: number, lane: number): LaneRow | undefined;
  state(consumerId: number, lane: number): Map<string, string>;
  /** Camera id of an incarnation. */
  cameraOf(incarnation: number): string | undefined;
  /** Does a camera of this incarnation exist? */
  isLive(incarnation: number): boolean;
  /** `camera` or `all`; null for a consumer that the store has never seen. */
  orderingOf(plugin: string, consumer: string): string | null;
  /** Incarnations that are gone but still have bodies in the log. */
  deletedWithBodies(): number[];
  /** What the whole database holds, without its free pages. */
  usedBytes(): number;
  /** Records of a lane behind `seq`, counted up to 100,000. */
  countBehind(lane: number, seq: number): number;
}

const columns = `l.seq, l.kind, l.incarnation, c.camera_id, l.site_id, l.type, l.frame_id, l.at_ms, l.received, l.body`;

export function createLogQueries(db: SqliteDatabase): LogQueries {
  const from = `SELECT ${columns} FROM log l LEFT JOIN camera_incarnations c ON c.incarnation = l.incarnation`;
  const ofLane = db.prepare(`${from} WHERE l.incarnation = ? AND l.seq > ? ORDER BY l.seq LIMIT ?`);
  const ofAll = db.prepare(`${from} WHERE l.seq > ? ORDER BY l.seq LIMIT ?`);
  const head = db.prepare('SELECT coalesce(max(seq), 0) AS seq FROM log');
  const laneHeads = db.prepare(
    `SELECT incarnation, (SELECT max(seq) FROM log WHERE log.incarnation = c.incarnation) AS seq
     FROM camera_incarnations c`,
  );
  const lanes = db.prepare('SELECT lane, seq, tick FROM lanes WHERE consumer_id = ?');
  const lane = db.prepare('SELECT lane, seq, tick FROM lanes WHERE consumer_id = ? AND lane = ?');
  const state = db.prepare('SELECT key, value FROM consumer_state WHERE consumer_id = ? AND lane = ?');
  const cameraOf = db.prepare('SELECT camera_id FROM camera_incarnations WHERE incarnation = ?');
  const live = db.prepare('SELECT 1 FROM camera_incarnations WHERE incarnation = ? AND deleted_at IS NULL');
  const countLane = db.prepare(
    'SELECT count(*) AS n FROM (SELECT 1 FROM log WHERE incarnation = ? AND seq > ? LIMIT 100000)',
  );
  const countAll = db.prepare('SELECT count(*) AS n FROM (SELECT 1 FROM log WHERE seq > ? LIMIT 100000)');
  const deleted = db.prepare(
    `SELECT incarnation FROM camera_incarnations c WHERE deleted_at IS NOT NULL AND EXISTS (
       SELECT 1 FROM log WHERE log.incarnation = c.incarnation AND kind = 'batch' AND body IS NOT NULL)`,
  );
  const ordering = db
    .prepare(`SELECT ordering FROM consumers WHERE kind = 'consumer' AND plugin = ? AND name = ?`)
    .pluck();
  const used = db.prepare(
    `SELECT (page_count - freelist_count) * page_size AS bytes
     FROM pragma_page_count(), pragma_freelist_count(), pragma_page_size()`,
  );
  return {
    usedBytes: () => (used.get() as { bytes: number }).bytes,
    orderingOf: (plugin, consumer) => (ordering.get(plugin, consumer) as string | undefined) ?? null,
    deletedWithBodies: () => (deleted.all() as { incarnation: number }[]).map((row) => row.incarnation),
    isLive: (incarnation) => live.get(incarnation) !== undefined,
    countBehind: (laneId, seq) =>
      ((laneId === 0 ? countAll.get(seq) : countLane.get(laneId, seq)) as { n: number }).n,
    next: (laneId, seq, limit) =>
      (laneId === 0 ? ofAll.all(seq, limit) : ofLane.all(laneId, seq, limit)) as LogRow[],
    head: () => (head.get() as { seq: number }).seq,
    laneHeads: () => {
      const rows = laneHeads.all() as { incarnation: number; seq: number | null }[];
      return new Map(rows.flatMap((row) => (row.seq === null ? [] : [[row.incarnation, row.seq] as const])));
    },
    lanes: (consumerId) => lanes.all(consumerId) as LaneRow[],
    lane: (consumerId, laneId) => lane.get(consumerId, laneId) as LaneRow | undefined,
    state: (consumerId, laneId) =>
      new Map(
        (state.all(consumerId, laneId) as { key: string; value: string }[]).map((row) => [
          row.key,
          row.value,
        ]),
      ),
    cameraOf: (incarnation) => (cameraOf.get(incarnation) as { camera_id: string } | undefined)?.camera_id,
  };
}
