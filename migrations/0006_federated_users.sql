-- People who sign in at another server (OpenID Connect).

-- Who it is there: set together, or neither. Such a user has no password here: `password_hash` is '!' until one is set.
ALTER TABLE users ADD COLUMN issuer TEXT;
ALTER TABLE users ADD COLUMN subject TEXT;
CREATE UNIQUE INDEX users_subject ON users (issuer, subject) WHERE issuer IS NOT NULL;
