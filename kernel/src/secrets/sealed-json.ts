/** What others carry for this kernel and bring back: sealed, so that they can neither read nor make it. */
import type { Keyring } from './keyring.ts';
import { isSealed } from './seal.ts';

/** `place` says what it is for: it opens for nothing else. */
export function sealJson(keyring: Keyring, value: unknown, place: string): string {
  return keyring.seal(JSON.stringify(value), place);
}

/** Null for what was not sealed here, not for this place, or was changed. */
export function openJson<Value>(keyring: Keyring, text: string, place: string): Value | null {
  if (!isSealed(text)) return null;
  try {
    return JSON.parse(keyring.open(text, place)) as Value;
  } catch {
    return null;
  }
}
