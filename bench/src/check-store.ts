/** Is the store what the answers said, and are the events what an independent fold of the log says? */
import { foldZones, type LogRecord } from '../../plugins/zones/test/oracle.ts';
import Database from 'better-sqlite3';

export async function checkStore(file: string, accepted: number): Promise<{ ok: boolean; lines: string[] }> {
  const db = new Database(file, { readonly: true });
  const lines: string[] = [];
  const rows = (db.prepare(`SELECT count(*) AS n FROM log WHERE kind = 'batch'`).get() as { n: number }).n;
  const keysOk = rows === accepted;
  lines.push(`log rows ${rows}, accepted ${accepted}: ${keysOk ? 'equal' : 'DIFFERENT'}`);
  const stored = db
    .prepare(
      'SELECT camera_id, zone_id, track_id, event_type, at_ms FROM zones_events ORDER BY camera_id, at_ms, zone_id, track_id, event_type',
    )
    .all();
  const expected = foldZones([...readLog(db)], { ticksUntil: ticksOf(db) }).events.map(
    ({ camera_id, zone_id, track_id, event_type, at_ms }) => ({
      camera_id,
      zone_id,
      track_id,
      event_type,
      at_ms,
    }),
  );
  const same = JSON.stringify(sorted(stored as Row[])) === JSON.stringify(sorted(expected));
  lines.push(
    `zone events ${stored.length}, the oracle's ${expected.length}: ${same ? 'equal' : 'DIFFERENT'}`,
  );
  db.close();
  return { ok: keysOk && same && stored.length > 0, lines };
}

interface Row {
  readonly camera_id: string;
  readonly zone_id: string;
  readonly track_id: string;
  readonly event_type: string;
  readonly at_ms: number;
}

function sorted(rows: readonly Row[]): string[] {
  return rows
    .map((row) => JSON.stringify([row.camera_id, row.at_ms, row.zone_id, row.track_id, row.event_type]))
    .sort();
}

function* readLog(db: Database.Database): Generator<LogRecord> {
  const statement = db.prepare(
    `SELECT l.seq, l.kind, l.type, c.camera_id, l.at_ms, l.received, l.body FROM log l
     LEFT JOIN camera_incarnations c ON c.incarnation = l.incarnation ORDER BY l.seq`,
  );
  for (const row of statement.iterate() as Iterable<{
    seq: number;
    kind: 'batch' | 'record';
    type: string;
    camera_id: string | null;
    at_ms: number;
    received: number;
    body: string;
  }>)
    yield {
      seq: row.seq,
      kind: row.kind,
      type: row.type,
      cameraId: row.camera_id,
      at: row.at_ms,
      received: row.received,
      body: JSON.parse(row.body) as LogRecord['body'],
    };
}

/** Log time up to which each camera's ticks had their effect. */
function ticksOf(db: Database.Database): Map<string, number> {
  const rows = db
    .prepare(
      `SELECT c.camera_id, l.tick FROM lanes l JOIN consumers k ON k.id = l.consumer_id AND k.plugin = 'zones' JOIN camera_incarnations c ON c.incarnation = l.lane`,
    )
    .all() as { camera_id: string; tick: number }[];
  return new Map(rows.map((row) => [row.camera_id, row.tick]));
}
