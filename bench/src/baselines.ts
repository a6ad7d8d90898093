/** What the kernel is measured against, in the same run: a raw insert loop and a bare HTTP handler. */
import { randomUUID } from 'node:crypto';
import { rmSync } from 'node:fs';
import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import Koa from 'koa';
import { getRawBody } from 'raw-body';
import { batchOf } from './batches.ts';
import { load } from './load.ts';
import type { LoadResult } from './load-worker.ts';

/** Batches a second of a loop that writes a row per detection, in groups of 64 batches, each synced before the next. */
export function rawInserts(folder: string, batches: number): number {
  const file = join(folder, 'raw.db');
  const db = new Database(file);
  db.pragma('journal_mode = WAL');
  db.pragma('synchronous = FULL');
  db.exec(`
    CREATE TABLE detections (id TEXT PRIMARY KEY, camera_id TEXT NOT NULL, task_type TEXT NOT NULL, timestamp TEXT NOT NULL, label TEXT,
      confidence REAL, bbox TEXT, track_id TEXT, attributes TEXT, frame_id TEXT, created_at TEXT NOT NULL);
    CREATE INDEX detections_camera ON detections (camera_id, timestamp);
    CREATE INDEX detections_label ON detections (camera_id, label, timestamp);
    CREATE INDEX detections_created ON detections (created_at);`);
  const insert = db.prepare('INSERT INTO detections VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)');
  const started = performance.now();
  for (let n = 0; n < batches;) {
    db.exec('BEGIN IMMEDIATE');
    for (let inGroup = 0; inGroup < 64 && n < batches; inGroup += 1, n += 1) {
      const batch = batchOf('raw', n);
      const now = new Date().toISOString();
      for (const d of batch.detections)
        insert.run(
          `det_${randomUUID().replaceAll('-', '')}`,
          batch.camera_id,
          batch.task_type,
          now,
          d.label,
          d.confidence,
          JSON.stringify(d.bbox),
          d.track_id,
          JSON.stringify(d.attributes),
          batch.frame_id,
          now,
        );
    }
    db.exec('COMMIT');
  }
  const seconds = (performance.now() - started) / 1000;
  db.close();
  for (const suffix of ['', '-wal', '-shm']) rmSync(file + suffix, { force: true });
  return batches / seconds;
}

/** The load on a Koa handler that reads and parses the body, and does nothing else. It runs in this process; the load does not. */
export async function bareHandler(order: {
  run: string;
  connections: number;
  seconds: number;
}): Promise<LoadResult> {
  const app = new Koa();
  app.use(async (context) => {
    const body = JSON.parse(await getRawBody(context.req, { encoding: 'utf8', limit: '2mb' })) as {
      detections: unknown[];
    };
    context.body = { detections_ingested: body.detections.length };
  });
  const callback = app.callback();
  const server = createServer((request, response) => void callback(request, response));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  try {
    return await load({ ...order, url: `http://127.0.0.1:${port}`, rate: null });
  } finally {
    server.closeAllConnections();
    server.close();
  }
}
