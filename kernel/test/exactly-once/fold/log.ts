/** What may the fold know? The log, the lives of cameras, the name of the store, and where lanes stand; nothing that came of the log. */
import type Database from 'better-sqlite3';

export interface LogRecord {
  readonly seq: number;
  readonly kind: 'batch' | 'record';
  /** The lane of its camera; null: of no single camera. */
  readonly incarnation: number | null;
  readonly cameraId: string | null;
  readonly siteId: string | null;
  readonly type: string;
  readonly frameId: string | null;
  /** Capture time, ms since the epoch. */
  readonly at: number;
  /** Log time, ms since the epoch. */
  readonly received: number;
  readonly body: unknown;
}

export interface Detection {
  readonly label: string | null;
  readonly confidence: number | null;
  readonly bbox: unknown;
  readonly track_id: string | null;
  readonly attributes: { readonly [name: string]: unknown };
}

export interface LaneOfLog {
  /** The incarnation, or 0 for the lane of all cameras. */
  readonly id: number;
  readonly cameraId: string | null;
  readonly records: readonly LogRecord[];
  /** Log time up to which its ticks had their effects. */
  readonly ticksUntil: number;
}

export interface FoldLog {
  readonly storeId: string;
  readonly records: readonly LogRecord[];
  /** The lanes of a consumer. @throws when it did not see the log from its start. */
  lanesOf(plugin: string, consumer: string, order: 'camera' | 'all'): LaneOfLog[];
}

/** `ticksUntil`: what the caller knows of the time until which the kernel ran. */
export function readLog(db: Database.Database, ticksUntil: number): FoldLog {
  const storeId = db.prepare(`SELECT value FROM meta WHERE key = 'store_id'`).pluck().get() as string;
  const records = readRecords(db);
  const lanes = db
    .prepare(
      `SELECT c.plugin, c.name, c.start_seq, l.lane, l.seq, l.tick FROM consumers c LEFT JOIN lanes l ON l.consumer_id = c.id`,
    )
    .all() as {
    plugin: string;
    name: string;
    start_seq: number;
    lane: number | null;
    seq: number;
    tick: number;
  }[];
  const head = records.at(-1)?.seq ?? 0;
  for (const lane of lanes) {
    const name = `${lane.plugin}.${lane.name}`;
    if (lane.start_seq !== 0)
      throw new Error(`${name} began behind ${lane.start_seq}; the fold begins at the start`);
  }
  return {
    storeId,
    records,
    lanesOf(plugin, consumer, order) {
      const own = lanes.filter((lane) => lane.plugin === plugin && lane.name === consumer);
      const past = own.find(({ seq }) => seq > head);
      if (past !== undefined)
        throw new Error(`${plugin}.${consumer} stands at ${past.seq}, behind the log's end ${head}`);
      const byLane = Map.groupBy(records, ({ incarnation }) => (order === 'all' ? 0 : incarnation));
      return [...byLane].flatMap(([id, ofLane]): LaneOfLog[] => {
        if (id === null) return [];
        const tick = own.find(({ lane }) => lane === id)?.tick ?? 0;
        const cameraId = id === 0 ? null : (ofLane[0]?.cameraId ?? null);
        return [{ id, cameraId, records: ofLane, ticksUntil: Math.max(tick, ticksUntil) }];
      });
    },
  };
}

function readRecords(db: Database.Database): LogRecord[] {
  const rows = db
    .prepare(
      `SELECT seq, kind, log.incarnation, camera_id AS cameraId, site_id AS siteId, type, frame_id AS frameId, at_ms AS at, received, body
       FROM log LEFT JOIN camera_incarnations c ON c.incarnation = log.incarnation ORDER BY seq`,
    )
    .all() as (Omit<LogRecord, 'body'> & { body: string })[];
  let time = 0;
  for (const { seq, received } of rows) {
    if (received < time) throw new Error(`log time runs backwards at ${seq}: ${received} after ${time}`);
    time = received;
  }
  return rows.map((row) => ({ ...row, body: JSON.parse(row.body) as unknown }));
}

export function detectionsOf({ body }: LogRecord): readonly Detection[] {
  return (body as { detections: readonly Detection[] }).detections;
}
