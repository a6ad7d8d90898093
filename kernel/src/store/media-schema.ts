/** The tables of the media plane beside `segments`; `migrations/` is their source, a test keeps both alike. */
import { integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';

const flag = (name: string) => integer(name, { mode: 'boolean' });

export const writtenHours = sqliteTable('written_hours', {
  hour: integer().primaryKey(),
  sizeBytes: integer('size_bytes').notNull(),
});

export const leases = sqliteTable('leases', {
  id: text().primaryKey(),
  purpose: text().notNull(),
  expiresAt: integer('expires_at').notNull(),
  createdAt: integer('created_at').notNull(),
});

export const leaseSegments = sqliteTable(
  'lease_segments',
  { segmentId: text('segment_id').notNull(), leaseId: text('lease_id').notNull() },
  (t) => [primaryKey({ columns: [t.segmentId, t.leaseId] })],
);

export const garbage = sqliteTable(
  'garbage',
  {
    kind: text({ enum: ['segment', 'preview', 'clip', 'session', 'snapshot'] }).notNull(),
    root: text().notNull(),
    path: text().notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    since: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.kind, t.root, t.path] })],
);

export const quarantined = sqliteTable(
  'quarantined',
  {
    root: text().notNull(),
    path: text().notNull(),
    cameraId: text('camera_id').notNull(),
    reason: text().notNull(),
    sizeBytes: integer('size_bytes').notNull(),
    since: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.root, t.path] })],
);

export const recordingIntents = sqliteTable(
  'recording_intents',
  {
    incarnation: integer().notNull(),
    startTime: integer('start_time').notNull(),
    endTime: integer('end_time'),
    reason: text({ enum: ['continuous', 'scheduled', 'event'] }).notNull(),
  },
  (t) => [primaryKey({ columns: [t.incarnation, t.startTime] })],
);

export const recordingOutages = sqliteTable(
  'recording_outages',
  {
    incarnation: integer().notNull(),
    startTime: integer('start_time').notNull(),
    endTime: integer('end_time'),
    cause: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.incarnation, t.startTime] })],
);

export const recordingGaps = sqliteTable('recording_gaps', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  startTime: integer('start_time').notNull(),
  endTime: integer('end_time').notNull(),
  cause: text().notNull(),
  fillState: text('fill_state', { enum: ['pending', 'filled', 'failed'] })
    .notNull()
    .default('pending'),
  fillAttempts: integer('fill_attempts').notNull().default(0),
  lastAttemptAt: integer('last_attempt_at'),
  filledAt: integer('filled_at'),
  createdAt: integer('created_at').notNull(),
});

export const recordTriggers = sqliteTable('record_triggers', {
  cameraId: text('camera_id').primaryKey(),
  firedAt: integer('fired_at').notNull(),
  until: integer().notNull(),
});

export const recordingSchedules = sqliteTable('recording_schedules', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  days: text({ mode: 'json' }).$type<number[]>().notNull(),
  timeStart: text('time_start').notNull(),
  timeEnd: text('time_end').notNull(),
  enabled: flag('enabled').notNull(),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

export const snapshotSchedules = sqliteTable('snapshot_schedules', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  intervalSeconds: integer('interval_seconds').notNull(),
  enabled: flag('enabled').notNull(),
  lastFiredAt: integer('last_fired_at'),
  createdAt: integer('created_at').notNull(),
  updatedAt: integer('updated_at').notNull(),
});

export const snapshots = sqliteTable('snapshots', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  scheduleId: text('schedule_id'),
  path: text().notNull(),
  takenAt: integer('taken_at').notNull(),
  sizeBytes: integer('size_bytes').notNull(),
  createdAt: integer('created_at').notNull(),
});

export const clips = sqliteTable('clips', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  fromTime: integer('from_time').notNull(),
  toTime: integer('to_time').notNull(),
  state: text({ enum: ['building', 'ready', 'failed'] }).notNull(),
  startMode: text('start_mode', { enum: ['exact', 'streamed'] }).notNull(),
  sizeBytes: integer('size_bytes').notNull().default(0),
  segmentCount: integer('segment_count').notNull(),
  report: text({ mode: 'json' }).notNull().default({}),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at'),
});

export const playbackSessions = sqliteTable('playback_sessions', {
  id: text().primaryKey(),
  cameraId: text('camera_id').notNull(),
  fromTime: integer('from_time').notNull(),
  toTime: integer('to_time').notNull(),
  segmentCount: integer('segment_count').notNull(),
  report: text({ mode: 'json' }).notNull().default({}),
  createdBy: text('created_by').notNull(),
  createdAt: integer('created_at').notNull(),
  expiresAt: integer('expires_at').notNull(),
});

export const mirrorStatus = sqliteTable('mirror_status', {
  cameraId: text('camera_id').primaryKey(),
  state: text({ enum: ['disabled', 'connecting', 'recording', 'offline', 'error'] }).notNull(),
  lastSegmentAt: integer('last_segment_at'),
  lastError: text('last_error'),
  updatedAt: integer('updated_at').notNull(),
});

export const mirrorQueue = sqliteTable('mirror_queue', {
  segmentId: text('segment_id').primaryKey(),
  cameraId: text('camera_id').notNull(),
});
