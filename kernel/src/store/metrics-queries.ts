/** What a scrape reads: a few small tables and running totals, never a count over what grows. */
import type { SqliteDatabase } from './database.ts';
import { createDetectionTotal } from './detection-total.ts';

export interface StoreFigures {
  readonly cameras: number;
  readonly camerasRecording: number;
  readonly segments: number;
  readonly recordingsBytes: number;
  readonly aiTasksEnabled: number;
}

export interface CameraFigures {
  readonly camera_id: string;
  readonly state: string;
  readonly reconnect_count: number;
  readonly segments_written: number;
  readonly bitrate_kbps: number | null;
  /** End of the newest segment, ms since the epoch. */
  readonly last_segment_at: number | null;
}

export interface MetricsQueries {
  figures(): StoreFigures;
  cameras(): CameraFigures[];
  /** Null while a store that was just opened is still being counted. */
  detections(): Promise<number | null>;
  /** Throws when the database does not answer. */
  check(): void;
}

export function createMetricsQueries(db: SqliteDatabase): MetricsQueries {
  const figures = db.prepare(
    `SELECT (SELECT count(*) FROM cameras) AS cameras,
            (SELECT count(*) FROM camera_status WHERE state = 'recording') AS camerasRecording,
            coalesce((SELECT segment_count FROM segment_totals WHERE camera_id = ''), 0) AS segments,
            coalesce((SELECT size_bytes FROM segment_totals WHERE camera_id = ''), 0) AS recordingsBytes,
            (SELECT count(*) FROM ai_tasks WHERE enabled = 1) AS aiTasksEnabled`,
  );
  const cameras = db.prepare(
    `SELECT camera_id, state, reconnect_count, segments_written, bitrate_kbps, last_segment_at
     FROM camera_status ORDER BY camera_id`,
  );
  const check = db.prepare(`SELECT value FROM meta WHERE key = 'store_id'`);
  const total = createDetectionTotal(db);
  return {
    figures: () => figures.get() as StoreFigures,
    cameras: () => cameras.all() as CameraFigures[],
    detections: () => total.read(),
    check: () => void check.get(),
  };
}
