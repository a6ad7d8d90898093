/** What people and plugins ask of the detection store: by camera and time, by camera, label and time, and by sequence. */
import type { SqliteDatabase } from './database.ts';

/** A point in time: ms since the epoch and the nanoseconds within that ms. */
export interface TimePoint {
  readonly ms: number;
  readonly ns: number;
}

export interface DetectionFilter {
  readonly incarnation: number;
  /** Inclusive. */
  readonly from: TimePoint;
  /** Inclusive. */
  readonly to: TimePoint;
  readonly label: string | null;
  readonly limit: number;
}

export interface StoredDetection {
  /** `det_` + sequence (16 hex digits), position (4), store (12). */
  readonly id: string;
  readonly taskType: string;
  readonly at: TimePoint;
  readonly frameId: string | null;
  /** ms. */
  readonly received: number;
  readonly detection: {
    readonly label: string | null;
    readonly confidence: number | null;
    readonly bbox: unknown;
    readonly track_id: string | null;
    readonly attributes: unknown;
  };
}

export interface OutboxRow {
  readonly seq: number;
  readonly camera_id: string;
  readonly site_id: string | null;
  readonly frame_id: string | null;
  readonly type: string;
  readonly n: number;
  readonly received: number;
}

export interface DetectionQueries {
  /** Newest first. */
  list(filter: DetectionFilter): StoredDetection[];
  /** Batches behind `seq`, ascending. */
  outbox(seq: number, limit: number): OutboxRow[];
}

interface BatchRow {
  readonly seq: number;
  readonly type: string;
  readonly frame_id: string | null;
  readonly at_ms: number;
  readonly at_ns: number;
  readonly received: number;
  readonly body: string;
}

/** Each batch of either shape holds at least one detection of the answer, so `limit` batches are enough. */
export function createDetectionQueries(db: SqliteDatabase, storeId: string): DetectionQueries {
  const columns = 'l.seq, l.type, l.frame_id, l.at_ms, l.at_ns, l.received, l.body';
  const byTime = db.prepare(
    `SELECT ${columns} FROM log l WHERE l.incarnation = ? AND l.n > 0
       AND (l.at_ms, l.at_ns) >= (?, ?) AND (l.at_ms, l.at_ns) <= (?, ?) AND l.body IS NOT NULL
     ORDER BY l.at_ms DESC, l.at_ns DESC, l.seq DESC LIMIT ?`,
  );
  const byLabel = db.prepare(
    `SELECT ${columns} FROM log_labels b CROSS JOIN log l ON l.seq = b.seq
     WHERE b.incarnation = ? AND b.label = ?
       AND (b.at_ms, b.at_ns) >= (?, ?) AND (b.at_ms, b.at_ns) <= (?, ?)
     ORDER BY b.at_ms DESC, b.at_ns DESC, b.seq DESC LIMIT ?`,
  );
  const outbox = db.prepare(
    `SELECT l.seq, c.camera_id, l.site_id, l.frame_id, l.type, l.n, l.received
     FROM log l JOIN camera_incarnations c ON c.incarnation = l.incarnation
     WHERE l.seq > ? AND l.kind = 'batch' ORDER BY l.seq LIMIT ?`,
  );
  return {
    list({ incarnation, from, to, label, limit }) {
      const range = [from.ms, from.ns, to.ms, to.ns, limit];
      const rows = (
        label === null ? byTime.all(incarnation, ...range) : byLabel.all(incarnation, label, ...range)
      ) as BatchRow[];
      const found: StoredDetection[] = [];
      for (const row of rows) if (found.length < limit) addMatches(found, row, label, storeId);
      return found.length > limit ? found.slice(0, limit) : found;
    },
    outbox: (seq, limit) => outbox.all(seq, limit) as OutboxRow[],
  };
}

function addMatches(found: StoredDetection[], row: BatchRow, label: string | null, storeId: string): void {
  const { detections } = JSON.parse(row.body) as { detections: StoredDetection['detection'][] };
  for (const [position, detection] of detections.entries()) {
    if (label !== null && detection.label !== label) continue;
    found.push({
      id: detectionId(row.seq, position, storeId),
      taskType: row.type,
      at: { ms: row.at_ms, ns: row.at_ns },
      frameId: row.frame_id,
      received: row.received,
      detection,
    });
  }
}

function detectionId(seq: number, position: number, storeId: string): string {
  return `det_${seq.toString(16).padStart(16, '0')}${position.toString(16).padStart(4, '0')}${storeId}`;
}
