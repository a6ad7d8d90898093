-- Who did what, and who looked at which footage.

-- Owner: store/audit. Each row carries a keyed hash over the one before and itself: a row that is changed, taken out or put in shows.
CREATE TABLE audit (
  -- Without a hole.
  seq INTEGER PRIMARY KEY,
  id TEXT NOT NULL UNIQUE,
  at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_name TEXT,
  role TEXT,
  action TEXT NOT NULL,
  target_type TEXT,
  target_id TEXT,
  -- The one camera it is about; null: none, or several. Of a camera that is gone, too.
  camera_id TEXT,
  -- Whence it came; null: from the machine itself.
  address TEXT,
  -- JSON object.
  detail TEXT NOT NULL,
  -- HMAC-SHA256, hex.
  mac TEXT NOT NULL
);
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_actor ON audit (actor, at);
CREATE INDEX audit_action ON audit (action, at);
CREATE INDEX audit_camera ON audit (camera_id, at);

-- Owner: store/audit. Where the chain begins and ends, signed: 'start' is the last row that was pruned, 'end' the newest.
CREATE TABLE audit_ends (
  name TEXT PRIMARY KEY,
  seq INTEGER NOT NULL,
  mac TEXT NOT NULL,
  signature TEXT NOT NULL
) WITHOUT ROWID;
