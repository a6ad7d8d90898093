-- The media plane: several recording roots, modes and intent, holds and leases, exports, snapshots.

-- IANA name of the zone its windows are in; null: the server's.
ALTER TABLE cameras ADD COLUMN time_zone TEXT;
-- The root that its next segments go to; null: the first.
ALTER TABLE cameras ADD COLUMN recordings_root TEXT;

-- The root it lies in; '' is the recordings folder, others have a name.
ALTER TABLE segments ADD COLUMN root TEXT NOT NULL DEFAULT '';
-- Of its preview; null: not made yet, 0: none can be made.
ALTER TABLE segments ADD COLUMN preview_bytes INTEGER;
CREATE INDEX segments_without_preview ON segments (start_time) WHERE preview_bytes IS NULL;
CREATE INDEX segments_incident ON segments (incident_id, start_time) WHERE incident_id IS NOT NULL;
-- Is there footage in a root other than the first?
CREATE INDEX segments_other_roots ON segments (root) WHERE root <> '';
CREATE INDEX segments_held ON segments (camera_id, end_time) WHERE evidence_locked = 1;
-- Coverage is read from the index alone.
DROP INDEX segments_camera_start;
CREATE INDEX segments_camera_start ON segments (camera_id, start_time, end_time);
-- What retention may take, oldest first, without passing over what is held.
CREATE INDEX segments_prunable ON segments (root, camera_id, start_time) WHERE evidence_locked = 0;

-- What of them is held as evidence.
ALTER TABLE segment_totals ADD COLUMN held_count INTEGER NOT NULL DEFAULT 0;
ALTER TABLE segment_totals ADD COLUMN held_bytes INTEGER NOT NULL DEFAULT 0;

-- Bytes of the segments that ended in an hour since the epoch, pruned ones too: the rate of writing. Owner: store/segments.
CREATE TABLE written_hours (hour INTEGER PRIMARY KEY, size_bytes INTEGER NOT NULL);

-- Readers of segments: none of them is pruned while a lease on it is in force. Owner: store/leases.
CREATE TABLE leases (
  id TEXT PRIMARY KEY,
  purpose TEXT NOT NULL,
  expires_at INTEGER NOT NULL,
  created_at INTEGER NOT NULL
) WITHOUT ROWID;
CREATE INDEX leases_expires ON leases (expires_at);
CREATE TABLE lease_segments (
  segment_id TEXT NOT NULL REFERENCES segments (id) ON DELETE CASCADE,
  lease_id TEXT NOT NULL REFERENCES leases (id) ON DELETE CASCADE,
  PRIMARY KEY (segment_id, lease_id)
) WITHOUT ROWID;
CREATE INDEX lease_segments_lease ON lease_segments (lease_id);

-- Files whose rows are gone and which are to be deleted: a row goes after its file. Owner: store/garbage.
CREATE TABLE garbage (
  -- What the file is, which says in which folder `path` is: segment, preview, clip, session, snapshot.
  kind TEXT NOT NULL,
  -- Of a segment or preview its root; else ''.
  root TEXT NOT NULL,
  path TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (kind, root, path)
) WITHOUT ROWID;

-- Files among the recordings that can't be read as footage: kept, listed, never tried again by themselves. Owner: store/quarantined.
CREATE TABLE quarantined (
  root TEXT NOT NULL,
  -- Where it lies now, below the root.
  path TEXT NOT NULL,
  camera_id TEXT NOT NULL,
  reason TEXT NOT NULL,
  size_bytes INTEGER NOT NULL,
  since INTEGER NOT NULL,
  PRIMARY KEY (root, path)
) WITHOUT ROWID;
CREATE INDEX quarantined_camera ON quarantined (camera_id);

-- When recording was meant to happen, and why; open while end_time is null. Owner: store/intents.
CREATE TABLE recording_intents (
  incarnation INTEGER NOT NULL REFERENCES camera_incarnations (incarnation) ON DELETE CASCADE,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  reason TEXT NOT NULL CHECK (reason IN ('continuous', 'scheduled', 'event')),
  PRIMARY KEY (incarnation, start_time)
) WITHOUT ROWID;

-- Why nothing was recorded at a time when it was meant to be. Owner: store/outages.
CREATE TABLE recording_outages (
  incarnation INTEGER NOT NULL REFERENCES camera_incarnations (incarnation) ON DELETE CASCADE,
  start_time INTEGER NOT NULL,
  end_time INTEGER,
  cause TEXT NOT NULL,
  PRIMARY KEY (incarnation, start_time)
) WITHOUT ROWID;

-- Holes in intended recording time. Owner: store/gaps.
CREATE TABLE recording_gaps (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL,
  cause TEXT NOT NULL,
  fill_state TEXT NOT NULL DEFAULT 'pending' CHECK (fill_state IN ('pending', 'filled', 'failed')),
  fill_attempts INTEGER NOT NULL DEFAULT 0,
  last_attempt_at INTEGER,
  filled_at INTEGER,
  created_at INTEGER NOT NULL,
  UNIQUE (camera_id, start_time)
);
CREATE INDEX recording_gaps_end ON recording_gaps (end_time);

-- Until when a trigger has a camera record; kept over restarts. Owner: store/triggers.
CREATE TABLE record_triggers (
  camera_id TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
  -- Of the first trigger of this recording: the pre-roll begins before it.
  fired_at INTEGER NOT NULL,
  until INTEGER NOT NULL
) WITHOUT ROWID;

-- Windows of scheduled recording. Owner: store/schedules.
CREATE TABLE recording_schedules (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  -- JSON: days of the week, 0 = Monday.
  days TEXT NOT NULL,
  -- HH:MM in the camera's zone; the end may be 24:00.
  time_start TEXT NOT NULL,
  time_end TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX recording_schedules_camera ON recording_schedules (camera_id, created_at);

-- Stills taken at intervals. Owner: store/snapshots.
CREATE TABLE snapshot_schedules (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  interval_seconds INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  last_fired_at INTEGER,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX snapshot_schedules_camera ON snapshot_schedules (camera_id, created_at);
CREATE INDEX snapshot_schedules_enabled ON snapshot_schedules (camera_id) WHERE enabled = 1;
CREATE TABLE snapshots (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  schedule_id TEXT REFERENCES snapshot_schedules (id) ON DELETE SET NULL,
  -- Below the snapshots folder, with `/`.
  path TEXT NOT NULL UNIQUE,
  taken_at INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL,
  created_at INTEGER NOT NULL
);
CREATE INDEX snapshots_camera ON snapshots (camera_id, taken_at);
CREATE INDEX snapshots_taken ON snapshots (taken_at);
CREATE INDEX snapshots_schedule ON snapshots (schedule_id) WHERE schedule_id IS NOT NULL;

-- Stills of a camera, for its removal.
CREATE INDEX evidence_camera ON evidence (camera_id);

-- Exported clips; the row is there before the first byte of the file. Owner: store/exports.
CREATE TABLE clips (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  from_time INTEGER NOT NULL,
  to_time INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('building', 'ready', 'failed')),
  -- exact: begins with the picture asked for; streamed: up to a key-frame interval before it.
  start_mode TEXT NOT NULL CHECK (start_mode IN ('exact', 'streamed')),
  size_bytes INTEGER NOT NULL DEFAULT 0,
  segment_count INTEGER NOT NULL,
  -- JSON: what of the window is in it, holes, segments left out.
  report TEXT NOT NULL DEFAULT '{}',
  -- Id of the principal.
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER
);
CREATE INDEX clips_camera ON clips (camera_id, created_at);
CREATE INDEX clips_created ON clips (created_at);
CREATE INDEX clips_expires ON clips (expires_at) WHERE expires_at IS NOT NULL;
CREATE INDEX clips_building ON clips (created_at) WHERE state = 'building';

-- Review sessions over recorded footage. Owner: store/exports.
CREATE TABLE playback_sessions (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  from_time INTEGER NOT NULL,
  to_time INTEGER NOT NULL,
  segment_count INTEGER NOT NULL,
  report TEXT NOT NULL DEFAULT '{}',
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX playback_sessions_camera ON playback_sessions (camera_id, created_at);
CREATE INDEX playback_sessions_expires ON playback_sessions (expires_at);

-- The second copy of a camera's footage. Owner: store/mirrors.
CREATE TABLE mirror_status (
  camera_id TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('disabled', 'connecting', 'recording', 'offline', 'error')),
  last_segment_at INTEGER,
  last_error TEXT,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Segments that are still to be copied to the mirror; noted together with the segment. Owner: store/mirrors.
CREATE TABLE mirror_queue (
  segment_id TEXT PRIMARY KEY REFERENCES segments (id) ON DELETE CASCADE,
  camera_id TEXT NOT NULL
) WITHOUT ROWID;
CREATE INDEX mirror_queue_camera ON mirror_queue (camera_id);
