-- The tables of the zones plugin. Times are integers, milliseconds since 1970-01-01T00:00:00Z. Booleans are 0 or 1.
-- JSON is text. Coordinates are fractions of the picture's width and height, from the top left.

-- Areas of a camera's picture. Owner: the operator, through the routes.
CREATE TABLE zones_zones (
  -- 'zone_' and 32 hex digits. Owner: this plugin.
  id TEXT PRIMARY KEY,
  -- The kernel's camera. Rows go when the camera does.
  camera_id TEXT NOT NULL,
  -- Shown to people and copied into events.
  name TEXT NOT NULL,
  -- Free text; nothing here reads it.
  kind TEXT NOT NULL,
  -- JSON: [[x, y], …], 3 to 512 points, implicitly closed.
  polygon TEXT NOT NULL,
  -- Seconds inside until a dwell event; 0: none.
  dwell_seconds REAL NOT NULL CHECK (dwell_seconds >= 0),
  -- JSON: the labels that count, trimmed and distinct; []: all.
  labels TEXT NOT NULL,
  -- Of the events of this zone.
  severity TEXT NOT NULL CHECK (severity IN ('info', 'warning', 'critical')),
  -- JSON: any value; a whole number confirm_frames is read, the rest is the operator's.
  config TEXT NOT NULL,
  enabled INTEGER NOT NULL CHECK (enabled IN (0, 1)),
  -- Server time of creation.
  created_at INTEGER NOT NULL,
  -- Server time of the latest change; grows with each change, so it also serves as the row's version.
  updated_at INTEGER NOT NULL
);
CREATE INDEX zones_zones_camera ON zones_zones (camera_id, created_at, id);

-- What happened in the zones. Owner: the consumer; rows are never changed. A job deletes old ones.
CREATE TABLE zones_events (
  -- 'zev_' and 32 hex digits, derived from the position in the log.
  id TEXT PRIMARY KEY,
  -- The kernel's camera. Rows go when the camera does.
  camera_id TEXT NOT NULL,
  -- The zone; it may be gone by now.
  zone_id TEXT NOT NULL,
  -- The zone's name at the time of the event.
  zone_name TEXT NOT NULL,
  -- As the worker gave it.
  track_id TEXT NOT NULL,
  event_type TEXT NOT NULL CHECK (event_type IN ('enter', 'exit', 'dwell')),
  -- Label of the observation, or of the enter when the track was lost; '': none.
  label TEXT NOT NULL,
  -- When it happened: capture time bounded by server time, or server time when the track was lost.
  at_ms INTEGER NOT NULL,
  -- Seconds inside so far, to the millisecond; only for dwell.
  dwell_seconds REAL,
  -- URL path of the kept still; only for enter, and only when a frame was at hand.
  evidence_path TEXT,
  -- Log time of the evaluation.
  created_at INTEGER NOT NULL
);
CREATE INDEX zones_events_camera ON zones_events (camera_id, at_ms, id);
CREATE INDEX zones_events_zone ON zones_events (zone_id, at_ms, id);
CREATE INDEX zones_events_created ON zones_events (created_at);
