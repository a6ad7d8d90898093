/** The kernel's tables as drizzle sees them; `migrations/` is their source, a test keeps both alike. */
import { integer, primaryKey, real, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const flag = (name: string) => integer(name, { mode: 'boolean' });

export const meta = sqliteTable('meta', { key: text().primaryKey(), value: text().notNull() });

export const sites = sqliteTable('sites', {
  id: text().primaryKey(),
  name: text().notNull(),
  createdAt: integer('created_at').notNull(),
});

export const cameraIncarnations = sqliteTable('camera_incarnations', {
  incarnation: integer().primaryKey({ autoIncrement: true }),
  cameraId: text('camera_id').notNull(),
  createdAt: integer('created_at').notNull(),
  deletedAt: integer('deleted_at'),
});

export const cameras = sqliteTable('cameras', {
  id: text().primaryKey(),
  incarnation: integer().notNull(),
  siteId: text('site_id'),
  name: text().notNull(),
  vendor: text().notNull(),
  model: text(),
  address: text(),
  rtspPort: integer('rtsp_port').notNull(),
  username: text(),
  recordStream: text('record_stream', { enum: ['main', 'sub'] }).notNull(),
  codec: text(),
  resolutionMain: text('resolution_main'),
  resolutionSub: text('resolution_sub'),
  fpsMain: integer('fps_main'),
  fpsSub: integer('fps_sub'),
  capabilities: text({ mode: 'json' }).notNull(),
  recordEnabled: flag('record_enabled').notNull(),
  segmentSeconds: integer('segment_seconds').notNull(),
  retentionHours: integer('retention_hours').notNull(),
  storageQuotaBytes: integer('storage_quota_bytes'),
  recordAudio: flag('record_audio').notNull(),
  recordMode: text('record_mode', {
    enum: ['continuous', 'scheduled', 'event', 'scheduled_event'],
  }).notNull(),
  preRollSeconds: integer('pre_roll_seconds').notNull(),
  postRollSeconds: integer('post_roll_seconds').notNull(),
  mirrorEnabled: flag('mirror_enabled').notNull(),
  anrEnabled: flag('anr_enabled').notNull(),
  enabled: flag('enabled').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
  timeZone: text('time_zone'),
  recordingsRoot: text('recordings_root'),
});

export const cameraSecrets = sqliteTable('camera_secrets', {
  cameraId: text('camera_id').primaryKey(),
  password: text(),
  mainStreamUrl: text('main_stream_url'),
  subStreamUrl: text('sub_stream_url'),
  anrReplayUrlTemplate: text('anr_replay_url_template'),
});

export const cameraStatus = sqliteTable('camera_status', {
  cameraId: text('camera_id').primaryKey(),
  state: text({ enum: ['unknown', 'disabled', 'connecting', 'recording', 'offline', 'error'] }).notNull(),
  stateDetail: text('state_detail'),
  lastSegmentAt: integer('last_segment_at'),
  lastStartedAt: integer('last_started_at'),
  reconnectCount: integer('reconnect_count').notNull().default(0),
  segmentsWritten: integer('segments_written').notNull().default(0),
  fpsObserved: real('fps_observed'),
  bitrateKbps: real('bitrate_kbps'),
  lastError: text('last_error'),
  recorderPid: integer('recorder_pid'),
  updatedAt: integer('updated_at').notNull(),
});

export const segments = sqliteTable('segments', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  path: text().notNull(),
  startTime: integer('start_time').notNull(),
  endTime: integer('end_time').notNull(),
  codec: text(),
  width: integer(),
  height: integer(),
  sizeBytes: integer('size_bytes').notNull(),
  evidenceLocked: flag('evidence_locked').notNull().default(false),
  incidentId: text('incident_id'),
  createdAt: integer('created_at').notNull(),
  root: text().notNull().default(''),
  previewBytes: integer('preview_bytes'),
});

export const segmentTotals = sqliteTable('segment_totals', {
  cameraId: text('camera_id').primaryKey(),
  segmentCount: integer('segment_count').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  heldCount: integer('held_count').notNull().default(0),
  heldBytes: integer('held_bytes').notNull().default(0),
});

export const aiTasks = sqliteTable('ai_tasks', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  taskType: text('task_type').notNull(),
  enabled: flag('enabled').notNull(),
  streamProfile: text('stream_profile', { enum: ['sub', 'main'] }).notNull(),
  fps: real().notNull(),
  width: integer().notNull(),
  config: text({ mode: 'json' }).notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

export const log = sqliteTable('log', {
  seq: integer().primaryKey({ autoIncrement: true }),
  kind: text({ enum: ['batch', 'record'] }).notNull(),
  incarnation: integer(),
  siteId: text('site_id'),
  type: text().notNull(),
  frameId: text('frame_id'),
  atMs: integer('at_ms').notNull(),
  atNs: integer('at_ns').notNull(),
  received: integer().notNull(),
  n: integer().notNull(),
  body: text(),
});

export const logLabels = sqliteTable(
  'log_labels',
  {
    incarnation: integer().notNull(),
    label: text().notNull(),
    atMs: integer('at_ms').notNull(),
    atNs: integer('at_ns').notNull(),
    seq: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.incarnation, t.label, t.atMs, t.atNs, t.seq] })],
);

export const consumers = sqliteTable('consumers', {
  id: integer().primaryKey({ autoIncrement: true }),
  kind: text({ enum: ['consumer', 'handler'] }).notNull(),
  plugin: text().notNull(),
  name: text().notNull(),
  ordering: text({ enum: ['camera', 'all'] }).notNull(),
  epoch: integer().notNull(),
  startSeq: integer('start_seq').notNull(),
  createdAt: integer('created_at').notNull(),
});

export const lanes = sqliteTable(
  'lanes',
  {
    consumerId: integer('consumer_id').notNull(),
    lane: integer().notNull(),
    seq: integer().notNull(),
    tick: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.consumerId, t.lane] })],
);

export const consumerState = sqliteTable(
  'consumer_state',
  {
    consumerId: integer('consumer_id').notNull(),
    lane: integer().notNull(),
    key: text().notNull(),
    value: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.consumerId, t.lane, t.key] })],
);

export const parked = sqliteTable('parked', {
  id: text().primaryKey(),
  consumerId: integer('consumer_id').notNull(),
  lane: integer().notNull(),
  kind: text({ enum: ['record', 'tick', 'event'] }).notNull(),
  seq: integer().notNull(),
  body: text().notNull(),
  error: text().notNull(),
  attempts: integer().notNull(),
  parkedAt: integer('parked_at').notNull(),
});

export const events = sqliteTable('events', {
  seq: integer().primaryKey({ autoIncrement: true }),
  id: text().notNull(),
  cameraId: text('camera_id'),
  siteId: text('site_id'),
  eventType: text('event_type').notNull(),
  severity: text().notNull(),
  atMs: integer('at_ms').notNull(),
  payload: text().notNull(),
  createdAt: integer('created_at').notNull(),
  source: text().notNull(),
  consumerId: integer('consumer_id'),
  epoch: integer(),
  lane: integer(),
  cause: text({ enum: ['record', 'tick'] }),
  causeAt: integer('cause_at'),
});

export const generations = sqliteTable(
  'generations',
  {
    consumerId: integer('consumer_id').notNull(),
    epoch: integer().notNull(),
    version: text().notNull(),
    config: text().notNull(),
    startedAt: integer('started_at').notNull(),
  },
  (t) => [primaryKey({ columns: [t.consumerId, t.epoch] })],
);

export const consumerTables = sqliteTable(
  'consumer_tables',
  {
    consumerId: integer('consumer_id').notNull(),
    name: text().notNull(),
    inserts: flag('inserts').notNull(),
  },
  (t) => [primaryKey({ columns: [t.consumerId, t.name] })],
);

export const evidence = sqliteTable('evidence', {
  file: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  plugin: text().notNull(),
  frameId: text('frame_id'),
  capturedAt: integer('captured_at').notNull(),
  state: text({ enum: ['pending', 'kept', 'missing'] }).notNull(),
  createdAt: integer('created_at').notNull(),
});
