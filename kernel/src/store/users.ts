/** How people and their sessions are written: rules that two requests could break together are kept in here. */
import type { Principal } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { namesIn, storedNames } from './name-list.ts';
import type { WriteContext } from './write-context.ts';

type Role = Principal['role'];

export interface UserColumns {
  readonly displayName: string | null;
  readonly role: Role;
  readonly active: boolean;
  readonly passwordHash: string;
  /** null: not limited to cameras. */
  readonly cameras: readonly string[] | null;
}

export interface NewUser extends UserColumns {
  readonly id: string;
  /** Trimmed. */
  readonly username: string;
}

/** Two names are one when this is the same. */
export function usernameKey(username: string): string {
  return username.normalize('NFKC').toLowerCase();
}

/** @throws HeldarError `conflict` when somebody has that name, also in other case. */
export function createUser(ctx: WriteContext, user: NewUser): void {
  const key = usernameKey(user.username);
  if (ctx.sql('SELECT 1 FROM users WHERE username_key = ?').get(key) !== undefined)
    throw new HeldarError('conflict', `there is a user ${user.username} already`);
  ctx
    .sql(
      `INSERT INTO users (id, username, username_key, display_name, role, active, password_hash, cameras, created_at, updated_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(user.id, user.username, key, ...valuesOf(user), ctx.now, ctx.now);
}

/** The first user, if there is none. Answers whether there was none. */
export function createFirstUser(ctx: WriteContext, user: NewUser): boolean {
  if (ctx.sql('SELECT 1 FROM users LIMIT 1').get() !== undefined) return false;
  createUser(ctx, user);
  return true;
}

/** Kept where a password's hash belongs of who has none: it matches nothing. */
export const noPassword = '!';

export interface FederatedUser {
  /** Of the account, where it has to be made. */
  readonly id: string;
  /** Who it is at the server they sign in at. */
  readonly issuer: string;
  readonly subject: string;
  readonly username: string;
  readonly displayName: string | null;
  readonly role: Role;
}

/**
 * Makes the account of who signs in at another server, or has its role and name follow what that server says. Null: it stood so already.
 * @throws HeldarError `conflict` when somebody else here has that name: accounts are never joined by name.
 */
export function federateUser(ctx: WriteContext, user: FederatedUser): 'made' | 'changed' | null {
  const { issuer, subject, role, displayName } = user;
  const row = ctx
    .sql('SELECT id, role, display_name FROM users WHERE issuer = ? AND subject = ?')
    .get(issuer, subject) as { id: string; role: Role; display_name: string | null } | undefined;
  if (row === undefined) {
    createUser(ctx, { ...user, active: true, passwordHash: noPassword, cameras: null });
    ctx.sql('UPDATE users SET issuer = ?, subject = ? WHERE id = ?').run(issuer, subject, user.id);
    return 'made';
  }
  if (row.role === role && row.display_name === displayName) return null;
  updateUser(ctx, { id: row.id, columns: { role, displayName } });
  return 'changed';
}

/** The columns of a row that writers and queries both read. */
export interface StoredUser {
  username: string;
  display_name: string | null;
  role: Role;
  active: number;
  password_hash: string;
  cameras: string | null;
}

/**
 * Changes what is given. Ends the user's sessions, but `keepSession` (a token's hash), when somebody could do more with them than was
 * meant: after another password or role, and when the user is switched off.
 * @throws HeldarError `not_found`, or `bad_request` for the last administrator who could sign in.
 */
export function updateUser(
  ctx: WriteContext,
  args: { id: string; columns: Partial<UserColumns>; keepSession?: string },
): void {
  const stored = readUser(ctx, args.id);
  const before = columnsOf(stored);
  const after: UserColumns = { ...before, ...args.columns };
  if (before.role === 'admin' && !(after.role === 'admin' && after.active)) requireOtherAdmin(ctx, args.id);
  ctx
    .sql(
      `UPDATE users SET display_name = ?, role = ?, active = ?, password_hash = ?, cameras = ?,
         updated_at = max(?, updated_at + 1) WHERE id = ?`,
    )
    .run(...valuesOf(after), ctx.now, args.id);
  if (endsSessions(before, after))
    ctx
      .sql('DELETE FROM user_sessions WHERE user_id = ? AND token_hash <> ?')
      .run(args.id, after.active ? (args.keepSession ?? '') : '');
}

function endsSessions(before: UserColumns, after: UserColumns): boolean {
  return !after.active || after.role !== before.role || after.passwordHash !== before.passwordHash;
}

/** With its sessions. @throws HeldarError `not_found`, or `bad_request` for an administrator without another who could sign in. */
export function deleteUser(ctx: WriteContext, args: { id: string }): void {
  if (readUser(ctx, args.id).role === 'admin') requireOtherAdmin(ctx, args.id);
  ctx.sql('DELETE FROM user_sessions WHERE user_id = ?').run(args.id);
  ctx.sql('DELETE FROM users WHERE id = ?').run(args.id);
}

function readUser(ctx: WriteContext, id: string): StoredUser {
  const row = ctx
    .sql('SELECT username, display_name, role, active, password_hash, cameras FROM users WHERE id = ?')
    .get(id) as StoredUser | undefined;
  if (row === undefined) throw new HeldarError('not_found', `user ${id} not found`);
  return row;
}

function columnsOf(row: StoredUser): UserColumns {
  return {
    displayName: row.display_name,
    role: row.role,
    active: row.active === 1,
    passwordHash: row.password_hash,
    cameras: namesIn(row.cameras),
  };
}

function requireOtherAdmin(ctx: WriteContext, id: string): void {
  const other = ctx
    .sql(`SELECT 1 FROM users WHERE role = 'admin' AND active = 1 AND id <> ? LIMIT 1`)
    .get(id);
  if (other === undefined)
    throw new HeldarError('bad_request', 'this is the last active administrator: make another one first');
}

function valuesOf({ displayName, role, active, passwordHash, cameras }: UserColumns): unknown[] {
  return [displayName, role, Number(active), passwordHash, storedNames(cameras)];
}

export interface NewSession {
  readonly id: string;
  readonly tokenHash: string;
  readonly userId: string;
  /** What the user's password was compared with: a session of an older one is not begun. */
  readonly passwordHash: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
  readonly address: string | null;
  readonly userAgent: string | null;
}

/** False when the user is gone, switched off, or has another password by now. */
export function beginSession(ctx: WriteContext, session: NewSession): boolean {
  const user = ctx
    .sql('SELECT 1 FROM users WHERE id = ? AND active = 1 AND password_hash = ?')
    .get(session.userId, session.passwordHash);
  if (user === undefined) return false;
  ctx
    .sql(
      `INSERT INTO user_sessions (token_hash, id, user_id, created_at, expires_at, last_used_at, address, user_agent)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(
      session.tokenHash,
      session.id,
      session.userId,
      ctx.now,
      session.expiresAt,
      ctx.now,
      session.address,
      session.userAgent,
    );
  return true;
}

/** By its token, or by its id and user. Answers whether there was one. */
export function endSession(
  ctx: WriteContext,
  args: { tokenHash: string } | { id: string; userId: string },
): boolean {
  const { changes } =
    'tokenHash' in args
      ? ctx.sql('DELETE FROM user_sessions WHERE token_hash = ?').run(args.tokenHash)
      : ctx.sql('DELETE FROM user_sessions WHERE id = ? AND user_id = ?').run(args.id, args.userId);
  return changes > 0;
}

/** Notes that it is in use. */
export function touchSession(ctx: WriteContext, args: { tokenHash: string }): void {
  ctx.sql('UPDATE user_sessions SET last_used_at = ? WHERE token_hash = ?').run(ctx.now, args.tokenHash);
}

/** Drops at most `limit` sessions that are over: expired, or not used since `idleBefore` (ms). Answers how many. */
export function sweepSessions(ctx: WriteContext, args: { idleBefore: number; limit: number }): number {
  return ctx
    .sql(
      `DELETE FROM user_sessions WHERE token_hash IN (
         SELECT token_hash FROM user_sessions WHERE expires_at <= ? OR last_used_at <= ? LIMIT ?)`,
    )
    .run(ctx.now, args.idleBefore, args.limit).changes;
}
