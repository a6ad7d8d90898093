/** How rows of the audit log are tied to each other, so that whoever can write to the database, but has not the key, can't mend what they changed. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { NewAudit } from './units.ts';

/** A row as it is kept. */
export interface AuditRow extends Omit<NewAudit, 'detail'> {
  readonly seq: number;
  /** ms since the epoch. */
  readonly at: number;
  /** JSON text. */
  readonly detail: string;
}

/** A place in the chain. */
export interface ChainLink {
  readonly seq: number;
  readonly mac: string;
}

export type ChainEnd = 'start' | 'end';

/** Before the first row. */
export const firstLink: ChainLink = { seq: 0, mac: '' };

/** HMAC-SHA256, hex, over the one before and the members of the row, in this order. */
export function linkMac(key: Buffer, before: string, row: AuditRow): string {
  const members = [
    before,
    row.seq,
    row.id,
    row.at,
    row.actor,
    row.actorName,
    row.role,
    row.action,
    row.targetType,
    row.targetId,
    row.cameraId,
    row.address,
    row.detail,
  ];
  return createHmac('sha256', key).update(JSON.stringify(members)).digest('hex');
}

/** Of a place at which the chain may begin, or must end. */
export function endSignature(key: Buffer, name: ChainEnd, { seq, mac }: ChainLink): string {
  return createHmac('sha256', key)
    .update(JSON.stringify(['audit end', name, seq, mac]))
    .digest('hex');
}

export function isSame(mac: string, other: string): boolean {
  const [left, right] = [Buffer.from(mac), Buffer.from(other)];
  return left.length === right.length && timingSafeEqual(left, right);
}
