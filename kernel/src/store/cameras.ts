/** How cameras, their secrets and their status are written, together with the records and events that tell of it. */
import { HeldarError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { isSealed } from '../secrets/seal.ts';
import { insertEvent } from './events.ts';
import { appendRecord } from './log.ts';
import type { cameras, cameraSecrets, cameraStatus } from './schema.ts';
import { forgetTotals } from './segments.ts';
import type { NewEvent } from './units.ts';
import type { WriteContext } from './write-context.ts';

export type CameraRow = typeof cameras.$inferSelect;
export type CameraColumns = Omit<CameraRow, 'id' | 'incarnation' | 'createdAt' | 'updatedAt'>;
export type CameraSecrets = Omit<typeof cameraSecrets.$inferSelect, 'cameraId'>;
export type CameraState = (typeof cameraStatus.$inferSelect)['state'];

const columnNames: Record<keyof CameraColumns, string> = {
  siteId: 'site_id',
  name: 'name',
  vendor: 'vendor',
  model: 'model',
  address: 'address',
  rtspPort: 'rtsp_port',
  username: 'username',
  recordStream: 'record_stream',
  codec: 'codec',
  resolutionMain: 'resolution_main',
  resolutionSub: 'resolution_sub',
  fpsMain: 'fps_main',
  fpsSub: 'fps_sub',
  capabilities: 'capabilities',
  recordEnabled: 'record_enabled',
  segmentSeconds: 'segment_seconds',
  retentionHours: 'retention_hours',
  storageQuotaBytes: 'storage_quota_bytes',
  recordAudio: 'record_audio',
  recordMode: 'record_mode',
  preRollSeconds: 'pre_roll_seconds',
  postRollSeconds: 'post_roll_seconds',
  mirrorEnabled: 'mirror_enabled',
  anrEnabled: 'anr_enabled',
  enabled: 'enabled',
  timeZone: 'time_zone',
  recordingsRoot: 'recordings_root',
};

export const secretNames: Record<keyof CameraSecrets, string> = {
  password: 'password',
  mainStreamUrl: 'main_stream_url',
  subStreamUrl: 'sub_stream_url',
  anrReplayUrlTemplate: 'anr_replay_url_template',
};

/** Where a secret is kept: what it is sealed for. */
export function sealedPlace(table: string, id: string, column: string): string {
  return `${table}/${id}/${column}`;
}

/** The same, of a secret of a camera. */
export function secretPlace(cameraId: string, name: keyof CameraSecrets): string {
  return sealedPlace('camera_secrets', cameraId, secretNames[name]);
}

function sealed(keyring: Keyring, cameraId: string, secrets: Partial<CameraSecrets>): Partial<CameraSecrets> {
  return mapSecrets(secrets, (text, name) => keyring.seal(text, secretPlace(cameraId, name)));
}

/** Changes those that there are. */
export function mapSecrets<Secrets extends Partial<CameraSecrets>>(
  secrets: Secrets,
  change: (text: string, name: keyof CameraSecrets) => string,
): Secrets {
  const changed = Object.entries(secrets).map(([name, text]) => [
    name,
    typeof text === 'string' ? change(text, name as keyof CameraSecrets) : text,
  ]);
  return Object.fromEntries(changed) as Secrets;
}

/** Seals what is not sealed yet, of at most `limit` cameras. Answers of how many. */
export function sealPlainSecrets(ctx: WriteContext, args: { limit: number }): number {
  const names = Object.values(secretNames);
  const isPlain = names.map((name) => `(${name} IS NOT NULL AND ${name} NOT LIKE 'enc:v1:%')`).join(' OR ');
  const rows = ctx
    .sql(`SELECT camera_id, ${names.join(', ')} FROM camera_secrets WHERE ${isPlain} LIMIT ?`)
    .all(args.limit) as Record<string, string | null>[];
  // What stood there is wiped from the file as well.
  if (rows.length > 0) ctx.db.pragma('secure_delete = ON');
  for (const row of rows) {
    const id = row['camera_id'] ?? '';
    const values = (Object.keys(secretNames) as (keyof CameraSecrets)[]).map((name) => {
      const text = row[secretNames[name]] ?? null;
      return text === null || isSealed(text) ? text : ctx.keyring.seal(text, secretPlace(id, name));
    });
    ctx
      .sql(`UPDATE camera_secrets SET ${names.map((name) => `${name} = ?`).join(', ')} WHERE camera_id = ?`)
      .run(...values, id);
  }
  return rows.length;
}

/**
 * Registers a camera: a new incarnation of its id, the rows, status `unknown`, and the record `camera.created`.
 * @throws HeldarError `conflict` when the id is taken, `bad_request` naming `site_id` when there is no such site.
 */
export function createCamera(
  ctx: WriteContext,
  args: { id: string; columns: CameraColumns; secrets: CameraSecrets },
): { incarnation: number; createdAt: number } {
  const { id, columns, secrets } = args;
  if (ctx.sql('SELECT 1 FROM cameras WHERE id = ?').get(id) !== undefined)
    throw new HeldarError('conflict', `the camera id '${id}' is taken`);
  requireSite(ctx, columns.siteId);
  const { lastInsertRowid } = ctx
    .sql('INSERT INTO camera_incarnations (camera_id, created_at) VALUES (?, ?)')
    .run(id, ctx.now);
  const incarnation = Number(lastInsertRowid);
  const values = assignments(columnNames, columns);
  ctx
    .sql(
      `INSERT INTO cameras (id, incarnation, created_at, updated_at, ${values.names.join(', ')})
       VALUES (?, ?, ?, ?${', ?'.repeat(values.names.length)})`,
    )
    .run(id, incarnation, ctx.now, ctx.now, ...values.params);
  const secret = assignments(secretNames, sealed(ctx.keyring, id, secrets));
  ctx
    .sql(
      `INSERT INTO camera_secrets (camera_id, ${secret.names.join(', ')}) VALUES (?${', ?'.repeat(secret.names.length)})`,
    )
    .run(id, ...secret.params);
  ctx
    .sql(`INSERT INTO camera_status (camera_id, state, updated_at) VALUES (?, 'unknown', ?)`)
    .run(id, ctx.now);
  appendRecord(ctx, { type: 'camera.created', cameraId: id, payload: JSON.stringify({ camera_id: id }) });
  return { incarnation, createdAt: ctx.now };
}

/**
 * Changes the named columns and secrets and appends the record `camera.updated`. `updated_at` rises strictly, so it tells versions apart.
 * @throws HeldarError `not_found`, `conflict` when the row was changed since `expectedUpdatedAt`, `bad_request` for an unknown site.
 */
export function updateCamera(
  ctx: WriteContext,
  args: {
    id: string;
    /** `updated_at` of the row the change was made for, ms since the epoch; absent: it is made whatever the row says by now. */
    expectedUpdatedAt?: number;
    columns: Partial<CameraColumns>;
    secrets: Partial<CameraSecrets>;
  },
): { updatedAt: number } {
  const { id } = args;
  const row = ctx.sql('SELECT updated_at FROM cameras WHERE id = ?').get(id) as
    { updated_at: number } | undefined;
  if (row === undefined) throw new HeldarError('not_found', `there is no camera '${id}'`);
  if ((args.expectedUpdatedAt ?? row.updated_at) !== row.updated_at)
    throw new HeldarError('conflict', `the camera '${id}' was changed meanwhile; read it again`);
  if (args.columns.siteId !== undefined) requireSite(ctx, args.columns.siteId);
  const updatedAt = Math.max(ctx.now, row.updated_at + 1);
  const values = assignments(columnNames, args.columns);
  ctx
    .sql(
      `UPDATE cameras SET ${[...values.names, 'updated_at'].map((name) => `${name} = ?`).join(', ')} WHERE id = ?`,
    )
    .run(...values.params, updatedAt, id);
  const secret = assignments(secretNames, sealed(ctx.keyring, id, args.secrets));
  if (secret.names.length > 0)
    ctx
      .sql(
        `UPDATE camera_secrets SET ${secret.names.map((name) => `${name} = ?`).join(', ')} WHERE camera_id = ?`,
      )
      .run(...secret.params, id);
  appendRecord(ctx, { type: 'camera.updated', cameraId: id, payload: JSON.stringify({ camera_id: id }) });
  return { updatedAt };
}

/**
 * Ends this life of a camera id: the record `camera.deleted` first, so that it lands in the camera's own lane, then the rows.
 * @throws HeldarError `not_found`, or `conflict` while a segment is held as evidence.
 */
export function deleteCamera(ctx: WriteContext, args: { id: string }): { incarnation: number } {
  const { id } = args;
  const row = ctx.sql('SELECT incarnation FROM cameras WHERE id = ?').get(id) as
    { incarnation: number } | undefined;
  if (row === undefined) throw new HeldarError('not_found', `there is no camera '${id}'`);
  if (
    ctx.sql('SELECT 1 FROM segments WHERE camera_id = ? AND evidence_locked = 1 LIMIT 1').get(id) !==
    undefined
  )
    throw new HeldarError(
      'conflict',
      `the camera '${id}' has footage held as evidence; release the holds first`,
    );
  appendRecord(ctx, { type: 'camera.deleted', cameraId: id, payload: JSON.stringify({ camera_id: id }) });
  forgetTotals(ctx, id);
  ctx.sql('DELETE FROM quarantined WHERE camera_id = ?').run(id);
  for (const table of ['recording_outages', 'recording_intents'])
    ctx.sql(`DELETE FROM ${table} WHERE incarnation = ?`).run(row.incarnation);
  ctx.sql('DELETE FROM cameras WHERE id = ?').run(id);
  ctx
    .sql('UPDATE camera_incarnations SET deleted_at = ? WHERE incarnation = ?')
    .run(ctx.now, row.incarnation);
  return { incarnation: row.incarnation };
}

/** What the recorder says of a camera; what is absent stays. */
export interface StatusChange {
  readonly state?: CameraState;
  readonly stateDetail?: string | null;
  readonly lastStartedAt?: number;
  readonly lastError?: string | null;
  readonly recorderPid?: number | null;
  /** Added to `reconnect_count`. */
  readonly reconnects?: number;
}

/**
 * Notes the state of a camera and appends the events that go with it, in one unit.
 * Answers false, having done nothing, when that life of the camera is over.
 */
export function setCameraStatus(
  ctx: WriteContext,
  args: { incarnation: number; change: StatusChange; events?: readonly NewEvent[] },
): boolean {
  const { change } = args;
  const sets: string[] = ['updated_at = ?'];
  const params: unknown[] = [ctx.now];
  const set = (text: string, value: unknown) => {
    if (value === undefined) return;
    sets.push(text);
    params.push(value);
  };
  set('state = ?', change.state);
  set('state_detail = ?', change.stateDetail);
  set('last_started_at = ?', change.lastStartedAt);
  set('last_error = ?', change.lastError);
  set('recorder_pid = ?', change.recorderPid);
  set('reconnect_count = reconnect_count + ?', change.reconnects);
  const { changes } = ctx
    .sql(
      `UPDATE camera_status SET ${sets.join(', ')}
       WHERE camera_id = (SELECT id FROM cameras WHERE incarnation = ?)`,
    )
    .run(...params, args.incarnation);
  if (changes === 0) return false;
  for (const event of args.events ?? []) insertEvent(ctx, event);
  return true;
}

function requireSite(ctx: WriteContext, siteId: string | null): void {
  if (siteId !== null && ctx.sql('SELECT 1 FROM sites WHERE id = ?').get(siteId) === undefined)
    throw new HeldarError('bad_request', `site_id: there is no site '${siteId}'`);
}

/** Column names and bound values of the members that are given. */
function assignments<Columns extends object>(
  names: Record<keyof Columns & string, string>,
  values: Partial<Columns>,
): { names: string[]; params: unknown[] } {
  const given = (Object.keys(names) as (keyof Columns & string)[]).filter((key) => values[key] !== undefined);
  return {
    names: given.map((key) => names[key]),
    params: given.map((key) => (key === 'capabilities' ? JSON.stringify(values[key]) : bound(values[key]))),
  };
}

function bound(value: unknown): unknown {
  return typeof value === 'boolean' ? Number(value) : value;
}
