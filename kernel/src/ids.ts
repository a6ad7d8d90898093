/** How ids are made: time-ordered, in the contract's shapes, and derived where the same log must give the same id. */
import { createHash, randomBytes } from 'node:crypto';

/** 32 hex digits: 12 of the time in ms, 20 random. */
export function newHex(now: number): string {
  return now.toString(16).padStart(12, '0') + randomBytes(10).toString('hex');
}

/** `<prefix>_` + 32 hex digits, time-ordered. */
export function newId(prefix: string, now: number): string {
  return `${prefix}_${newHex(now)}`;
}

/** 32 hex digits from log time and whatever else names the thing: the same parts give the same digits. */
export function derivedHex(time: number, ...parts: readonly (string | number)[]): string {
  const hash = createHash('sha256').update(parts.join('\0')).digest('hex');
  return time.toString(16).padStart(12, '0') + hash.slice(0, 20);
}

/** 32 hex digits as a lower-case UUID whose first 48 bits are time; version and variant bits are set as for version 4. */
export function asUuid(hex: string): string {
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 0x3) | 0x8).toString(16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
