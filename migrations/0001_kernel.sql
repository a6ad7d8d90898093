-- The kernel's tables. Times are integers, milliseconds since 1970-01-01T00:00:00Z, unless a name says otherwise.
-- Booleans are 0 or 1. JSON is text.

-- Facts about this store. store_id: 12 hex digits, part of every id derived from the log.
CREATE TABLE meta (
  key TEXT PRIMARY KEY,
  value TEXT NOT NULL
) WITHOUT ROWID;
INSERT INTO meta (key, value) VALUES ('store_id', lower(hex(randomblob(6))));

-- Places. Owner: the operator.
CREATE TABLE sites (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  created_at INTEGER NOT NULL
);

-- One row a life of a camera id: deleting and creating it again starts a new incarnation, with lanes, keys and state of its own.
CREATE TABLE camera_incarnations (
  incarnation INTEGER PRIMARY KEY AUTOINCREMENT,
  camera_id TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  deleted_at INTEGER
);
CREATE INDEX camera_incarnations_camera ON camera_incarnations (camera_id);

-- The registry. Owner: cameras/registry. Nothing here is secret.
CREATE TABLE cameras (
  id TEXT PRIMARY KEY,
  incarnation INTEGER NOT NULL UNIQUE REFERENCES camera_incarnations (incarnation),
  site_id TEXT REFERENCES sites (id) ON DELETE SET NULL,
  name TEXT NOT NULL,
  vendor TEXT NOT NULL,
  model TEXT,
  address TEXT,
  rtsp_port INTEGER NOT NULL,
  username TEXT,
  record_stream TEXT NOT NULL CHECK (record_stream IN ('main', 'sub')),
  codec TEXT,
  resolution_main TEXT,
  resolution_sub TEXT,
  fps_main INTEGER,
  fps_sub INTEGER,
  capabilities TEXT NOT NULL,
  record_enabled INTEGER NOT NULL,
  segment_seconds INTEGER NOT NULL,
  retention_hours INTEGER NOT NULL,
  storage_quota_bytes INTEGER,
  record_audio INTEGER NOT NULL,
  record_mode TEXT NOT NULL CHECK (record_mode IN ('continuous', 'scheduled', 'event', 'scheduled_event')),
  pre_roll_seconds INTEGER NOT NULL,
  post_roll_seconds INTEGER NOT NULL,
  mirror_enabled INTEGER NOT NULL,
  anr_enabled INTEGER NOT NULL,
  enabled INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);

-- What opens a camera's streams. Kept apart so that `cameras` can be read by plugins.
CREATE TABLE camera_secrets (
  camera_id TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
  password TEXT,
  main_stream_url TEXT,
  sub_stream_url TEXT,
  anr_replay_url_template TEXT
);

-- Owner: the recorder (state) and the indexer (segment figures).
CREATE TABLE camera_status (
  camera_id TEXT PRIMARY KEY REFERENCES cameras (id) ON DELETE CASCADE,
  state TEXT NOT NULL CHECK (state IN ('unknown', 'disabled', 'connecting', 'recording', 'offline', 'error')),
  state_detail TEXT,
  last_segment_at INTEGER,
  last_started_at INTEGER,
  reconnect_count INTEGER NOT NULL DEFAULT 0,
  segments_written INTEGER NOT NULL DEFAULT 0,
  fps_observed REAL,
  bitrate_kbps REAL,
  last_error TEXT,
  recorder_pid INTEGER,
  updated_at INTEGER NOT NULL
);

-- Closed recordings. `path` is relative to the recordings folder. Owner: recording/indexer.
CREATE TABLE segments (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  path TEXT NOT NULL UNIQUE,
  start_time INTEGER NOT NULL,
  end_time INTEGER NOT NULL,
  codec TEXT,
  width INTEGER,
  height INTEGER,
  size_bytes INTEGER NOT NULL,
  evidence_locked INTEGER NOT NULL DEFAULT 0,
  incident_id TEXT,
  created_at INTEGER NOT NULL
);
CREATE INDEX segments_camera_start ON segments (camera_id, start_time);
CREATE INDEX segments_end ON segments (end_time);

-- Running totals over `segments`, kept in the transaction of each change. camera_id '' is the sum of all.
CREATE TABLE segment_totals (
  camera_id TEXT PRIMARY KEY,
  segment_count INTEGER NOT NULL,
  size_bytes INTEGER NOT NULL
) WITHOUT ROWID;

-- What workers should do. Owner: detections/tasks.
CREATE TABLE ai_tasks (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL REFERENCES cameras (id) ON DELETE CASCADE,
  task_type TEXT NOT NULL,
  enabled INTEGER NOT NULL,
  stream_profile TEXT NOT NULL CHECK (stream_profile IN ('sub', 'main')),
  fps REAL NOT NULL,
  width INTEGER NOT NULL,
  config TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
);
CREATE INDEX ai_tasks_camera ON ai_tasks (camera_id, created_at);

-- The log: every accepted batch and every control record, in commit order. It is the detection store and the outbox.
-- Owner: detections/log. Rows are never changed; retention deletes them behind the slowest consumer.
CREATE TABLE log (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 'batch' or 'record'
  kind TEXT NOT NULL,
  -- The camera's incarnation, which names its lane; null for a record about no single camera.
  incarnation INTEGER,
  -- The camera's site at that time.
  site_id TEXT,
  -- Task type of a batch, type of a record.
  type TEXT NOT NULL,
  -- Idempotency key within the incarnation; null: none.
  frame_id TEXT,
  -- Capture time: milliseconds, and the nanoseconds within that millisecond (0..999999).
  at_ms INTEGER NOT NULL,
  at_ns INTEGER NOT NULL,
  -- When the kernel took it; never decreases with seq.
  received INTEGER NOT NULL,
  -- Number of detections.
  n INTEGER NOT NULL,
  -- batch: {"detections":[…],"frame":…}; record: its payload. Null once a deleted camera's batch was emptied.
  body TEXT
);
CREATE UNIQUE INDEX log_key ON log (incarnation, frame_id) WHERE frame_id IS NOT NULL;
CREATE INDEX log_lane ON log (incarnation, seq);
CREATE INDEX log_time ON log (incarnation, at_ms, at_ns, seq) WHERE n > 0;

-- The distinct labels of each batch: finds the batches that hold a label.
CREATE TABLE log_labels (
  incarnation INTEGER NOT NULL,
  label TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  at_ns INTEGER NOT NULL,
  seq INTEGER NOT NULL,
  PRIMARY KEY (incarnation, label, at_ms, at_ns, seq)
) WITHOUT ROWID;

-- Detections as rows, for SQL: ids decode to sequence and position.
CREATE VIEW detections AS
SELECT
  'det_' || printf('%016x', l.seq) || printf('%04x', d.key) || (SELECT value FROM meta WHERE key = 'store_id') AS id,
  c.camera_id AS camera_id,
  l.type AS task_type,
  l.at_ms AS at_ms,
  l.at_ns AS at_ns,
  d.value ->> '$.label' AS label,
  d.value ->> '$.confidence' AS confidence,
  d.value -> '$.bbox' AS bbox,
  d.value ->> '$.track_id' AS track_id,
  d.value -> '$.attributes' AS attributes,
  l.frame_id AS frame_id,
  l.received AS received,
  l.seq AS seq,
  d.key AS position
FROM log l
JOIN camera_incarnations c ON c.incarnation = l.incarnation AND c.deleted_at IS NULL
JOIN json_each(l.body, '$.detections') d
WHERE l.kind = 'batch' AND l.n > 0;

-- Consumers and event handlers the store has ever seen. Owner: detections/dispatcher, events/handlers.
CREATE TABLE consumers (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  -- 'consumer' reads the log, 'handler' reads the journal.
  kind TEXT NOT NULL CHECK (kind IN ('consumer', 'handler')),
  plugin TEXT NOT NULL,
  name TEXT NOT NULL,
  -- 'camera' or 'all'.
  ordering TEXT NOT NULL,
  -- Raised by each generation; a commit that names another epoch applies nothing.
  epoch INTEGER NOT NULL,
  -- Lanes without a row begin behind this sequence.
  start_seq INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  UNIQUE (kind, plugin, name)
);

-- Cursors. lane: the camera's incarnation, or 0 for `order: 'all'` and handlers.
CREATE TABLE lanes (
  consumer_id INTEGER NOT NULL REFERENCES consumers (id) ON DELETE CASCADE,
  lane INTEGER NOT NULL,
  -- All records up to and including this one have had their effect.
  seq INTEGER NOT NULL,
  -- Log time of the last tick that had its effect.
  tick INTEGER NOT NULL,
  PRIMARY KEY (consumer_id, lane)
) WITHOUT ROWID;

-- Durable keyed state of consumers. value: JSON text.
CREATE TABLE consumer_state (
  consumer_id INTEGER NOT NULL REFERENCES consumers (id) ON DELETE CASCADE,
  lane INTEGER NOT NULL,
  key TEXT NOT NULL,
  value TEXT NOT NULL,
  PRIMARY KEY (consumer_id, lane, key)
) WITHOUT ROWID;

-- What a consumer or handler could not process, kept with its error until somebody retries or drops it.
CREATE TABLE parked (
  id TEXT PRIMARY KEY,
  consumer_id INTEGER NOT NULL REFERENCES consumers (id) ON DELETE CASCADE,
  lane INTEGER NOT NULL,
  -- 'record' (a log row), 'tick' (T in `seq`) or 'event' (a journal row).
  kind TEXT NOT NULL,
  seq INTEGER NOT NULL,
  -- The record, event or tick as JSON, so that retention of the log loses nothing.
  body TEXT NOT NULL,
  error TEXT NOT NULL,
  attempts INTEGER NOT NULL,
  parked_at INTEGER NOT NULL,
  UNIQUE (consumer_id, lane, kind, seq)
);

-- The event journal. Owner: events/journal.
CREATE TABLE events (
  seq INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  camera_id TEXT,
  site_id TEXT,
  event_type TEXT NOT NULL,
  severity TEXT NOT NULL,
  at_ms INTEGER NOT NULL,
  payload TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- 'kernel', 'worker', or the plugin's name.
  source TEXT NOT NULL
);
CREATE INDEX events_time ON events (at_ms, seq);
CREATE INDEX events_type ON events (event_type, at_ms, seq);
CREATE INDEX events_camera ON events (camera_id, at_ms, seq);
CREATE INDEX events_severity ON events (severity, at_ms, seq);

-- Stills kept as evidence. file: name below the snapshots folder.
CREATE TABLE evidence (
  file TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL,
  plugin TEXT NOT NULL,
  frame_id TEXT,
  -- Capture time of the frame that was at hand when the batch arrived.
  captured_at INTEGER NOT NULL,
  state TEXT NOT NULL CHECK (state IN ('pending', 'kept', 'missing')),
  created_at INTEGER NOT NULL
);
CREATE INDEX evidence_state ON evidence (state) WHERE state = 'pending';
