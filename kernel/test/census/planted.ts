/** Two cameras with a row in every store and a file in every folder: what a caller who is limited to one of them may see, and what not. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';

/** `own`: of the caller's camera. `foreign`: of the other. `missing`: of none. */
export type Whose = 'own' | 'foreign' | 'missing';

export const cameraOf: Readonly<Record<Whose, string>> = { own: 'gate', foreign: 'yard', missing: 'attic' };
const letters: Readonly<Record<Whose, string>> = { own: 'a', foreign: 'b', missing: 'c' };
const hexOf = (whose: Whose) => letters[whose].repeat(32);
const evidenceFile = (whose: Whose) => `zoneevt_${hexOf(whose)}.jpg`;
const segmentName = '20260101_000000';

/** Parameters of a route, filled with what is whose. */
export function fill(path: string, whose: Whose): string {
  const camera = cameraOf[whose];
  const hex = hexOf(whose);
  const file = path.startsWith('/media/clips/')
    ? `clip_${hex}.mp4`
    : path.startsWith('/media/playback/')
      ? 'index.m3u8'
      : path.startsWith('/media/recordings/')
        ? `${segmentName}.mp4`
        : path === '/media/snapshots/:file'
          ? evidenceFile(whose)
          : `${segmentName}.jpg`;
  return path
    .replace('/api/v1/cameras/:id', `/api/v1/cameras/${camera}`)
    .replace('/api/v1/segments/:id', `/api/v1/segments/seg_${hex}`)
    .replace('/snapshot-schedules/:schedule_id', `/snapshot-schedules/snsch_${hex}`)
    .replace('/schedules/:schedule_id', `/schedules/recsch_${hex}`)
    .replace(':camera_id', camera)
    .replace(':gap_id', `gap_${hex}`)
    .replace(':task_id', `ai_${hex}`)
    .replace(':clip_id', `clip_${hex}`)
    .replace(':session_id', `pbs_${hex}`)
    .replace(':zone_id', `zone_${hex}`)
    .replace(':incident_id', `incident-${hex}`)
    .replace(':file', file);
}

/** What says whose it is, taken out of a text. */
export function neutral(text: string, whose: Whose): string {
  return text.replaceAll(cameraOf[whose], '<camera>').replaceAll(hexOf(whose), '<hex>');
}

/** Names anything of the other camera? */
export function tellsOfForeign(text: string): boolean {
  return text.includes(cameraOf.foreign) || text.includes(hexOf('foreign'));
}

/** Into the data folder of a kernel that does not run; `now`: ms since the epoch. */
export function plant(folder: string, now: number): void {
  const db = new Database(join(folder, 'heldar.db'));
  for (const whose of ['own', 'foreign'] as const) {
    plantRows(db, whose, now);
    plantFiles(folder, whose);
  }
  db.close();
}

const start = Date.UTC(2026, 0, 1);
const report = JSON.stringify({
  coverage: { recorded_seconds: 1, ranges: [] },
  holes: [],
  skipped: [],
  starts_early_s: 0,
});

function plantRows(db: Database.Database, whose: Whose, now: number): void {
  const camera = cameraOf[whose];
  const hex = hexOf(whose);
  const insert = (table: string, row: Record<string, unknown>) =>
    db
      .prepare(
        `INSERT INTO ${table} (${Object.keys(row).join(', ')}) VALUES (${Object.keys(row)
          .map(() => '?')
          .join(', ')})`,
      )
      .run(...Object.values(row));
  const common = { camera_id: camera, created_at: now };
  const changing = { ...common, updated_at: now };
  insert('segments', {
    id: `seg_${hex}`,
    path: `${camera}/${segmentName}.mp4`,
    start_time: start,
    end_time: start + 60_000,
    size_bytes: 5,
    incident_id: `incident-${hex}`,
    preview_bytes: 5,
    ...common,
  });
  insert('recording_gaps', {
    id: `gap_${hex}`,
    start_time: start + 60_000,
    end_time: start + 90_000,
    cause: 'unknown',
    ...common,
  });
  insert('recording_schedules', {
    id: `recsch_${hex}`,
    days: '[0]',
    time_start: '08:00',
    time_end: '09:00',
    enabled: 1,
    ...changing,
  });
  insert('snapshot_schedules', { id: `snsch_${hex}`, interval_seconds: 86_400, enabled: 0, ...changing });
  insert('snapshots', {
    id: `snap_${hex}`,
    path: `${camera}/${segmentName}.jpg`,
    taken_at: now,
    size_bytes: 5,
    ...common,
  });
  insert('ai_tasks', {
    id: `ai_${hex}`,
    task_type: 'census',
    enabled: 1,
    stream_profile: 'sub',
    fps: 1,
    width: 320,
    config: '{}',
    ...changing,
  });
  insert('clips', {
    id: `clip_${hex}`,
    from_time: start,
    to_time: start + 1000,
    state: 'ready',
    start_mode: 'exact',
    segment_count: 1,
    report,
    created_by: 'usr_0',
    ...common,
  });
  insert('playback_sessions', {
    id: `pbs_${hex}`,
    from_time: start,
    to_time: start + 1000,
    segment_count: 0,
    report,
    created_by: 'usr_0',
    expires_at: now + 3_600_000,
    ...common,
  });
  insert('evidence', {
    file: evidenceFile(whose),
    camera_id: camera,
    plugin: 'zones',
    captured_at: now,
    state: 'kept',
    created_at: now,
  });
  insert('events', {
    id: `00000000-0000-4000-8000-${hex.slice(0, 12)}`,
    event_type: 'census',
    severity: 'info',
    at_ms: now,
    payload: JSON.stringify({ of: camera }),
    source: 'kernel',
    ...common,
  });
  insert('zones_zones', {
    id: `zone_${hex}`,
    name: camera,
    kind: 'x',
    polygon: '[[0,0],[1,0],[1,1]]',
    dwell_seconds: 0,
    labels: '[]',
    severity: 'info',
    config: '{}',
    enabled: 1,
    ...changing,
  });
  insert('zones_events', {
    id: `zev_${hex}`,
    zone_id: `zone_${hex}`,
    zone_name: camera,
    track_id: '1',
    event_type: 'enter',
    label: '',
    at_ms: now,
    ...common,
  });
}

function plantFiles(folder: string, whose: Whose): void {
  const camera = cameraOf[whose];
  const write = (...path: string[]) => {
    mkdirSync(join(folder, ...path.slice(0, -1)), { recursive: true });
    writeFileSync(join(folder, ...path), `${camera}!`);
  };
  write('recordings', camera, `${segmentName}.mp4`);
  write('recordings', camera, `${segmentName}.jpg`);
  write('clips', `clip_${hexOf(whose)}.mp4`);
  write('snapshots', camera, `${segmentName}.jpg`);
  write('snapshots', evidenceFile(whose));
}
