-- Times in ms since 1970-01-01T00:00:00Z.
CREATE TABLE my_plugin_visits (
  id TEXT PRIMARY KEY,
  camera_id TEXT NOT NULL,
  track_id TEXT NOT NULL,
  label TEXT NOT NULL,
  since INTEGER NOT NULL,
  -- NULL while it lasts.
  ended INTEGER
);
CREATE INDEX my_plugin_visits_camera ON my_plugin_visits (camera_id, since);
CREATE INDEX my_plugin_visits_ended ON my_plugin_visits (ended);
