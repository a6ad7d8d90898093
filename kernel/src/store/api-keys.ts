/** How the keys of machines are written. One that is revoked stays as a row, so that what it did can be told. */
import type { Principal } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { namesIn, storedNames } from './name-list.ts';
import type { WriteContext } from './write-context.ts';

export interface KeyColumns {
  readonly name: string;
  readonly role: Principal['role'];
  /** What it may do of what its role may; null: all of it. */
  readonly grants: readonly string[] | null;
  /** null: not limited to cameras. */
  readonly cameras: readonly string[] | null;
  readonly active: boolean;
  /** ms since the epoch; null: never. */
  readonly expiresAt: number | null;
}

export interface NewKey extends KeyColumns {
  readonly id: string;
  readonly keyPrefix: string;
  readonly keyHash: string;
  readonly createdBy: string;
}

export function createKey(ctx: WriteContext, key: NewKey): void {
  ctx
    .sql(
      `INSERT INTO api_keys (name, role, grants, cameras, active, expires_at, id, key_prefix, key_hash, created_by, created_at)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(...valuesOf(key), key.id, key.keyPrefix, key.keyHash, key.createdBy, ctx.now);
}

/** Changes what is given. @throws HeldarError `not_found`. */
export function updateKey(ctx: WriteContext, args: { id: string; columns: Partial<KeyColumns> }): void {
  const row = ctx
    .sql(
      'SELECT name, role, grants, cameras, active, expires_at AS expiresAt FROM api_keys WHERE id = ? AND revoked_at IS NULL',
    )
    .get(args.id) as
    | {
        name: string;
        role: Principal['role'];
        grants: string | null;
        cameras: string | null;
        active: number;
        expiresAt: number | null;
      }
    | undefined;
  if (row === undefined) throw notFound(args.id);
  const columns: KeyColumns = {
    ...row,
    grants: namesIn(row.grants),
    cameras: namesIn(row.cameras),
    active: row.active === 1,
    ...args.columns,
  };
  ctx
    .sql(
      'UPDATE api_keys SET name = ?, role = ?, grants = ?, cameras = ?, active = ?, expires_at = ? WHERE id = ?',
    )
    .run(...valuesOf(columns), args.id);
}

/** Gives it another text; the one before works until `oldUntil` (ms since the epoch). @throws HeldarError `not_found`. */
export function rotateKey(
  ctx: WriteContext,
  args: { id: string; keyPrefix: string; keyHash: string; oldUntil: number },
): void {
  const { changes } = ctx
    .sql(
      `UPDATE api_keys SET old_key_hash = key_hash, old_key_until = ?, key_prefix = ?, key_hash = ?
       WHERE id = ? AND revoked_at IS NULL`,
    )
    .run(args.oldUntil, args.keyPrefix, args.keyHash, args.id);
  if (changes === 0) throw notFound(args.id);
}

/** @throws HeldarError `not_found`. */
export function revokeKey(ctx: WriteContext, args: { id: string }): void {
  const { changes } = ctx
    .sql('UPDATE api_keys SET revoked_at = ?, active = 0 WHERE id = ? AND revoked_at IS NULL')
    .run(ctx.now, args.id);
  if (changes === 0) throw notFound(args.id);
}

/** Notes that it is in use. */
export function touchKey(ctx: WriteContext, args: { id: string }): void {
  ctx.sql('UPDATE api_keys SET last_used_at = ? WHERE id = ?').run(ctx.now, args.id);
}

function valuesOf({ name, role, grants, cameras, active, expiresAt }: KeyColumns): unknown[] {
  return [name, role, storedNames(grants), storedNames(cameras), Number(active), expiresAt];
}

function notFound(id: string): HeldarError {
  return new HeldarError('not_found', `API key ${id} not found`);
}
