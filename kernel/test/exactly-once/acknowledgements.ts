/** Is what clients were told true? Acknowledged keys = keys in the log, each once, with what was sent; likewise events and changes of zones. */
import { isDeepStrictEqual } from 'node:util';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import type { SentBatch } from './workers.ts';
import type { ZoneEditor } from './zone-editor.ts';

export interface Acknowledgements {
  readonly problems: readonly string[];
  readonly keysInLog: number;
}

interface LoggedBatch {
  readonly camera_id: string;
  readonly type: string;
  readonly frame_id: string;
  readonly at_ms: number;
  readonly body: string;
}

export function checkAcknowledgements(
  dataFolder: string,
  sent: ReadonlyMap<string, SentBatch>,
  zones: ZoneEditor['acknowledged'],
): Acknowledgements {
  const db = new Database(join(dataFolder, 'heldar.db'), { readonly: true });
  try {
    const logged = db
      .prepare(
        `SELECT camera_id, type, frame_id, at_ms, body FROM log JOIN camera_incarnations USING (incarnation) WHERE kind = 'batch'`,
      )
      .all() as LoggedBatch[];
    const notes = db
      .prepare(
        `SELECT payload ->> 'frame_id' FROM events WHERE source = 'worker' AND event_type = 'worker_note'`,
      )
      .pluck()
      .all() as string[];
    const changes = db
      .prepare(
        `SELECT body ->> '$.zone.name' AS name, body ->> '$.zone_id' AS id FROM log WHERE type = 'zones.zone_changed'`,
      )
      .all() as { name: string | null; id: string }[];
    const problems = [
      ...keyProblems(sent, logged),
      ...eventProblems(sent, notes),
      ...zoneProblems(zones, changes),
    ];
    return { problems, keysInLog: logged.length };
  } finally {
    db.close();
  }
}

function keyProblems(sent: ReadonlyMap<string, SentBatch>, logged: readonly LoggedBatch[]): string[] {
  const problems: string[] = [];
  const seen = new Set<string>();
  for (const row of logged) {
    const batch = sent.get(row.frame_id);
    if (seen.has(row.frame_id)) problems.push(`key ${row.frame_id}: twice in the log`);
    seen.add(row.frame_id);
    if (batch === undefined) problems.push(`key ${row.frame_id}: in the log, but nobody sent it`);
    else if (batch.acceptedAs + batch.duplicates === 0)
      problems.push(`key ${row.frame_id}: in the log, but not acknowledged`);
    else if (!isWhatWasSent(batch, row)) problems.push(`key ${row.frame_id}: the log holds something else`);
  }
  for (const id of sent.keys())
    if (!seen.has(id)) problems.push(`key ${id}: acknowledged, but not in the log`);
  return problems;
}

function isWhatWasSent({ frame, timestamp }: SentBatch, row: LoggedBatch): boolean {
  const { detections } = JSON.parse(row.body) as { detections: unknown };
  return (
    row.camera_id === frame.camera_id &&
    row.type === frame.task_type &&
    row.at_ms === Date.parse(timestamp) &&
    isDeepStrictEqual(detections, frame.detections)
  );
}

/** A worker's event is stored with its batch, so there is one for each that had one. */
function eventProblems(sent: ReadonlyMap<string, SentBatch>, notes: readonly string[]): string[] {
  const wanted = [...sent.values()]
    .filter(({ frame }) => frame.event !== undefined)
    .map(({ frame }) => frame.frame_id);
  const missing = wanted.filter((id) => !notes.includes(id)).map((id) => `event of ${id}: missing`);
  const doubled = notes
    .filter((id, index) => notes.indexOf(id) !== index)
    .map((id) => `event of ${id}: twice`);
  const strange = notes
    .filter((id) => sent.get(id)?.frame.event === undefined)
    .map((id) => `event of ${id}: not sent`);
  return [...missing, ...doubled, ...strange];
}

function zoneProblems(
  acknowledged: ZoneEditor['acknowledged'],
  changes: readonly { name: string | null; id: string }[],
): string[] {
  const names = new Set(changes.map(({ name }) => name));
  const deleted = new Set(changes.filter(({ name }) => name === null).map(({ id }) => id));
  return [
    ...acknowledged.names
      .filter((name) => !names.has(name))
      .map((name) => `zone "${name}": acknowledged, but not in the log`),
    ...acknowledged.deleted
      .filter((id) => !deleted.has(id))
      .map((id) => `zone ${id}: deletion acknowledged, but not in the log`),
  ];
}
