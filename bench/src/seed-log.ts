/** A log as weeks of ingest would leave it, written straight into the tables the ingest path writes. */
import { statSync } from 'node:fs';
import Database from 'better-sqlite3';

export const queryCameras = Array.from({ length: 16 }, (_, index) => `camera_${index + 1}`);

/** Each camera sends two batches a second; that many batches make a day and a half for 16 cameras at a million. */
const stepMs = 500;
const start = Date.UTC(2026, 0, 1);

export function seedLog(
  file: string,
  batches: number,
): { bytes: number; seconds: number; windows: { from: string; to: string }[] } {
  const started = performance.now();
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -262144');
  const incarnations = db.prepare('SELECT id, incarnation FROM cameras').all() as {
    id: string;
    incarnation: number;
  }[];
  const byId = new Map(incarnations.map((row) => [row.id, row.incarnation]));
  const insertLog = db.prepare(
    `INSERT INTO log (kind, incarnation, type, frame_id, at_ms, at_ns, received, n, body) VALUES ('batch', ?, 'detection', ?, ?, 0, ?, 5, ?)`,
  );
  const insertLabel = db.prepare(
    'INSERT INTO log_labels (incarnation, label, at_ms, at_ns, seq) VALUES (?, ?, ?, 0, ?)',
  );
  const insert = db.transaction((from: number, to: number) => {
    for (let n = from; n < to; n += 1) {
      const incarnation = byId.get(queryCameras[n % queryCameras.length] ?? '') ?? 0;
      const at = start + Math.floor(n / queryCameras.length) * stepMs;
      const labels = labelsOf(n);
      const { lastInsertRowid } = insertLog.run(incarnation, `f:${n}`, at, at, bodyOf(labels));
      for (const label of new Set(labels)) insertLabel.run(incarnation, label, at, lastInsertRowid);
    }
  });
  for (let n = 0; n < batches; n += 10_000) insert(n, Math.min(batches, n + 10_000));
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return {
    bytes: statSync(file).size,
    seconds: (performance.now() - started) / 1000,
    windows: windowsOf(batches),
  };
}

/** `person` in every second batch, `unicorn` in one of 100,000, the rest cars and dogs. */
function labelsOf(n: number): string[] {
  // Not a multiple of the number of cameras, so that each camera has both kinds.
  const other = Math.floor(n / queryCameras.length) % 2 === 0 ? 'person' : 'car';
  return [other, other, 'dog', n % 100_000 === 7 ? 'unicorn' : 'dog', other];
}

function bodyOf(labels: readonly string[]): string {
  const detections = labels.map((label, index) => ({
    label,
    confidence: 0.5 + index / 10,
    bbox: [0.1 * index, 0.2, 0.1, 0.3],
    track_id: String(index),
    attributes: { class_id: index },
  }));
  return JSON.stringify({ detections, frame: null });
}

/** An hour, a day, the whole, and the newest minutes. */
function windowsOf(batches: number): { from: string; to: string }[] {
  const end = start + Math.floor(batches / queryCameras.length) * stepMs;
  const window = (from: number, to: number) => ({
    from: new Date(from).toISOString(),
    to: new Date(to).toISOString(),
  });
  const middle = (start + end) / 2;
  return [
    window(start, end),
    window(middle, middle + 3_600_000),
    window(end - 86_400_000, end),
    window(end - 300_000, end),
    window(start, start + 600_000),
  ];
}
