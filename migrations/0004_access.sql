-- Who may come in: people with their sessions, and machines with their keys.

-- Owner: store/users.
CREATE TABLE users (
  id TEXT PRIMARY KEY,
  username TEXT NOT NULL,
  -- Folded: names that differ only in case are one.
  username_key TEXT NOT NULL UNIQUE,
  display_name TEXT,
  role TEXT NOT NULL,
  active INTEGER NOT NULL,
  -- A PHC string of argon2id.
  password_hash TEXT NOT NULL,
  -- JSON array of the ids of the cameras it is limited to; null: not limited.
  cameras TEXT,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL
) WITHOUT ROWID;

-- Owner: store/user-sessions.
CREATE TABLE user_sessions (
  -- SHA-256 of the token, hex.
  token_hash TEXT PRIMARY KEY,
  -- What it is called by; says nothing of the token.
  id TEXT NOT NULL UNIQUE,
  user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  -- At most a minute old while it is in use.
  last_used_at INTEGER NOT NULL,
  -- Whence it signed in.
  address TEXT,
  user_agent TEXT
) WITHOUT ROWID;
CREATE INDEX user_sessions_user ON user_sessions (user_id);
CREATE INDEX user_sessions_expires ON user_sessions (expires_at);

-- Owner: store/api-keys.
CREATE TABLE api_keys (
  id TEXT PRIMARY KEY,
  name TEXT NOT NULL,
  -- The first 12 characters of the key.
  key_prefix TEXT NOT NULL,
  -- SHA-256 of the key, hex.
  key_hash TEXT NOT NULL UNIQUE,
  -- Of the key before the last rotation, which works until then.
  old_key_hash TEXT UNIQUE,
  old_key_until INTEGER,
  role TEXT NOT NULL,
  -- JSON array of what it may do of what its role may; null: all of it.
  grants TEXT,
  -- JSON array of the ids of the cameras it is limited to; null: not limited.
  cameras TEXT,
  active INTEGER NOT NULL,
  -- null: never.
  expires_at INTEGER,
  -- At most a minute old while it is in use.
  last_used_at INTEGER,
  created_by TEXT NOT NULL,
  created_at INTEGER NOT NULL,
  -- It is no more, and stays only so that what it did can be told; null: it is.
  revoked_at INTEGER
) WITHOUT ROWID;
