/** How people, sessions and keys are read: by what a request carries, prepared once, and listed for administrators. */
import type { Principal } from '@heldar/plugin-sdk';
import type { SqliteDatabase } from './database.ts';
import { namesIn } from './name-list.ts';
import { usernameKey, type StoredUser } from './users.ts';

type Role = Principal['role'];

export interface User {
  readonly id: string;
  readonly username: string;
  readonly displayName: string | null;
  /** As stored; anything but a role is refused by whoever uses it. */
  readonly role: string;
  readonly active: boolean;
  /** null: not limited to cameras. */
  readonly cameras: readonly string[] | null;
  /** ms since the epoch. */
  readonly createdAt: number;
  readonly updatedAt: number;
}

export interface UserWithPassword extends User {
  readonly passwordHash: string;
}

export interface Session {
  readonly id: string;
  readonly createdAt: number;
  readonly expiresAt: number;
  readonly lastUsedAt: number;
  readonly address: string | null;
  readonly userAgent: string | null;
}

export interface SessionWithUser extends Session {
  readonly user: User;
}

export interface ApiKey {
  readonly id: string;
  readonly name: string;
  readonly keyPrefix: string;
  readonly role: string;
  readonly grants: readonly string[] | null;
  readonly cameras: readonly string[] | null;
  readonly active: boolean;
  readonly expiresAt: number | null;
  readonly lastUsedAt: number | null;
  readonly createdBy: string;
  readonly createdAt: number;
}

export interface AccessQueries {
  userById(id: string): UserWithPassword | undefined;
  userByName(username: string): UserWithPassword | undefined;
  /** Who signs in at another server. */
  userBySubject(issuer: string, subject: string): UserWithPassword | undefined;
  /** Ascending by name, in the order of code points. */
  users(): User[];
  hasUsers(): boolean;
  /** Expired ones too. */
  sessionByToken(tokenHash: string): SessionWithUser | undefined;
  /** Those that last, newest first. */
  sessionsOf(userId: string, now: number): Session[];
  /** By its text of now, or the one before while that works; revoked ones are none. */
  keyByToken(tokenHash: string, now: number): ApiKey | undefined;
  keyById(id: string): ApiKey | undefined;
  /** Newest first. */
  keys(): ApiKey[];
}

interface UserRow extends StoredUser {
  id: string;
  created_at: number;
  updated_at: number;
}

interface SessionRow {
  session_id: string;
  begun_at: number;
  expires_at: number;
  last_used_at: number;
  address: string | null;
  user_agent: string | null;
}

interface KeyRow {
  id: string;
  name: string;
  key_prefix: string;
  role: Role;
  grants: string | null;
  cameras: string | null;
  active: number;
  expires_at: number | null;
  last_used_at: number | null;
  created_by: string;
  created_at: number;
}

const userColumns = [
  'id',
  'username',
  'display_name',
  'role',
  'active',
  'password_hash',
  'cameras',
  'created_at',
  'updated_at',
]
  .map((name) => `u.${name}`)
  .join(', ');
const sessionColumns =
  's.id AS session_id, s.created_at AS begun_at, s.expires_at, s.last_used_at, s.address, s.user_agent';
const keyColumns =
  'id, name, key_prefix, role, grants, cameras, active, expires_at, last_used_at, created_by, created_at';

export function createAccessQueries(db: SqliteDatabase): AccessQueries {
  const byId = db.prepare(`SELECT ${userColumns} FROM users u WHERE id = ?`);
  const byName = db.prepare(`SELECT ${userColumns} FROM users u WHERE username_key = ?`);
  const bySubject = db.prepare(`SELECT ${userColumns} FROM users u WHERE issuer = ? AND subject = ?`);
  const all = db.prepare(`SELECT ${userColumns} FROM users u ORDER BY username`);
  const any = db.prepare('SELECT 1 FROM users LIMIT 1');
  const session = db.prepare(
    `SELECT ${sessionColumns}, ${userColumns} FROM user_sessions s JOIN users u ON u.id = s.user_id WHERE s.token_hash = ?`,
  );
  const sessions = db.prepare(
    `SELECT ${sessionColumns} FROM user_sessions s WHERE user_id = ? AND expires_at > ? ORDER BY created_at DESC, id`,
  );
  const key = db.prepare(
    `SELECT ${keyColumns} FROM api_keys
     WHERE revoked_at IS NULL AND (key_hash = ? OR (old_key_hash = ? AND old_key_until > ?))`,
  );
  const keyWithId = db.prepare(`SELECT ${keyColumns} FROM api_keys WHERE id = ? AND revoked_at IS NULL`);
  const allKeys = db.prepare(
    `SELECT ${keyColumns} FROM api_keys WHERE revoked_at IS NULL ORDER BY created_at DESC, id DESC`,
  );
  return {
    userById: (id) => optional(byId.get(id) as UserRow | undefined, userOf),
    userByName: (username) => optional(byName.get(usernameKey(username)) as UserRow | undefined, userOf),
    userBySubject: (issuer, subject) =>
      optional(bySubject.get(issuer, subject) as UserRow | undefined, userOf),
    users: () => (all.all() as UserRow[]).map(userOf),
    hasUsers: () => any.get() !== undefined,
    sessionByToken: (hash) =>
      optional(session.get(hash) as (SessionRow & UserRow) | undefined, (row) => ({
        ...sessionOf(row),
        user: userOf(row),
      })),
    sessionsOf: (userId, now) => (sessions.all(userId, now) as SessionRow[]).map(sessionOf),
    keyByToken: (hash, now) => optional(key.get(hash, hash, now) as KeyRow | undefined, keyOf),
    keyById: (id) => optional(keyWithId.get(id) as KeyRow | undefined, keyOf),
    keys: () => (allKeys.all() as KeyRow[]).map(keyOf),
  };
}

function optional<Row, Result>(row: Row | undefined, make: (row: Row) => Result): Result | undefined {
  return row === undefined ? undefined : make(row);
}

function userOf(row: UserRow): UserWithPassword {
  return {
    id: row.id,
    username: row.username,
    displayName: row.display_name,
    role: row.role,
    active: row.active === 1,
    passwordHash: row.password_hash,
    cameras: namesIn(row.cameras),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
  };
}

function sessionOf(row: SessionRow): Session {
  return {
    id: row.session_id,
    createdAt: row.begun_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    address: row.address,
    userAgent: row.user_agent,
  };
}

function keyOf(row: KeyRow): ApiKey {
  return {
    id: row.id,
    name: row.name,
    keyPrefix: row.key_prefix,
    role: row.role,
    grants: namesIn(row.grants),
    cameras: namesIn(row.cameras),
    active: row.active === 1,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    createdBy: row.created_by,
    createdAt: row.created_at,
  };
}
