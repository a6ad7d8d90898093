/** An index as weeks of recording would leave it, written straight into the tables the indexer writes; no files belong to it. */
import Database from 'better-sqlite3';

export const scaleCameras = Array.from({ length: 64 }, (_, index) => `camera_${index + 1}`);

/** Of a segment, ms. */
export const segmentMs = 60_000;
/** 4 Mbit/s. */
const segmentBytes = 30_000_000;

/** Adds a segment a minute and camera from `from` to `to`, ms; answers how many and how long that took. */
export function seedSegments(file: string, from: number, to: number): { rows: number; seconds: number } {
  const started = performance.now();
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = OFF');
  db.pragma('cache_size = -262144');
  const insert = db.prepare(
    `INSERT INTO segments (id, camera_id, path, start_time, end_time, codec, width, height, size_bytes, created_at)
     VALUES (?, ?, ?, ?, ?, 'h264', 1920, 1080, ?, ?)`,
  );
  const count = db.prepare(
    `INSERT INTO segment_totals (camera_id, segment_count, size_bytes) VALUES (?, ?, ?)
     ON CONFLICT (camera_id) DO UPDATE SET
       segment_count = segment_count + excluded.segment_count, size_bytes = size_bytes + excluded.size_bytes`,
  );
  const written = db.prepare(
    `INSERT INTO written_hours (hour, size_bytes) VALUES (?, ?)
     ON CONFLICT (hour) DO UPDATE SET size_bytes = size_bytes + excluded.size_bytes`,
  );
  let rows = 0;
  // An hour of all cameras after the other, as they are recorded.
  const insertHour = db.transaction((start: number, end: number) => {
    for (let at = start; at < end; at += segmentMs)
      for (const camera of scaleCameras) {
        rows += 1;
        const id = `seg_${at.toString(16).padStart(12, '0')}${camera}`;
        const path = `${camera}/${at}.mp4`;
        insert.run(id, camera, path, at, at + segmentMs, segmentBytes, at + segmentMs);
      }
    written.run(
      Math.floor(start / 3_600_000),
      (end - start) * (segmentBytes / segmentMs) * scaleCameras.length,
    );
  });
  for (let at = from; at < to; at += 3_600_000) insertHour(at, Math.min(to, at + 3_600_000));
  for (const camera of scaleCameras)
    count.run(camera, rows / scaleCameras.length, (rows / scaleCameras.length) * segmentBytes);
  count.run('', rows, rows * segmentBytes);
  db.pragma('wal_checkpoint(TRUNCATE)');
  db.close();
  return { rows, seconds: (performance.now() - started) / 1000 };
}
