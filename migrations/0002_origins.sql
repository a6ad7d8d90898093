-- Where effects come from: so that an event can be explained, and made again from the log.

-- The code and the options of a consumer, from an epoch on; a row a change, not a row a start. Owner: store/generations.
CREATE TABLE generations (
  consumer_id INTEGER NOT NULL REFERENCES consumers (id) ON DELETE CASCADE,
  -- The first epoch that ran with them.
  epoch INTEGER NOT NULL,
  -- Of the plugin's package; '' without one.
  version TEXT NOT NULL,
  -- Options as JSON, secrets masked.
  config TEXT NOT NULL,
  started_at INTEGER NOT NULL,
  PRIMARY KEY (consumer_id, epoch)
) WITHOUT ROWID;

-- The plugin tables that a consumer has written; rows of all others come from routes, jobs and handlers. Owner: store/written-tables.
CREATE TABLE consumer_tables (
  consumer_id INTEGER NOT NULL REFERENCES consumers (id) ON DELETE CASCADE,
  name TEXT NOT NULL,
  -- 1: it makes rows there; 0: it only changes or deletes them.
  inserts INTEGER NOT NULL,
  PRIMARY KEY (consumer_id, name)
) WITHOUT ROWID;

-- Of an event that a consumer emitted: the consumer, its epoch and lane. Null for all others.
ALTER TABLE events ADD COLUMN consumer_id INTEGER;
ALTER TABLE events ADD COLUMN epoch INTEGER;
ALTER TABLE events ADD COLUMN lane INTEGER;
-- What brought it about: 'record' (a log row: of a consumer's event the one it was given, of a worker's event its batch) or 'tick'.
ALTER TABLE events ADD COLUMN cause TEXT CHECK (cause IN ('record', 'tick'));
-- Sequence of the record, or T of the tick.
ALTER TABLE events ADD COLUMN cause_at INTEGER;
