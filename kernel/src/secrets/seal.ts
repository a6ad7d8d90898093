/** How a secret is kept in the database: sealed with the site's key, and bound to its place, so that it opens nowhere else. */
import { createCipheriv, createDecipheriv, createHmac, hkdfSync, randomBytes } from 'node:crypto';
import { HeldarError } from '../errors.ts';

/** 32 bytes. */
export type SecretKey = Buffer;

const prefix = 'enc:v1:';
const sealedText = /^enc:v1:([0-9a-f]{8}):([A-Za-z0-9_-]+)$/;
/** NIST SP 800-38D, 8.2.2: 96 random bits are enough for 2³² secrets under one key. */
const nonceBytes = 12;
const tagBytes = 16;

export function isSealed(text: string): boolean {
  return sealedText.test(text);
}

/** The id of the key it was sealed with; undefined: it is not sealed. */
export function sealedWith(text: string): string | undefined {
  return sealedText.exec(text)?.[1];
}

/** 8 hex digits by which keys are told apart; they say nothing of the key. */
export function keyIdOf(key: SecretKey): string {
  return createHmac('sha256', key).update('heldar key id').digest('hex').slice(0, 8);
}

/** AES-256-GCM. `place` names the row and column it is kept in: `enc:v1:<id of the key>:<base64url of nonce, text, tag>`. */
export function seal(key: SecretKey, text: string, place: string): string {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', cipherKey(key), nonce).setAAD(Buffer.from(place));
  const sealed = Buffer.concat([nonce, cipher.update(text, 'utf8'), cipher.final(), cipher.getAuthTag()]);
  return `${prefix}${keyIdOf(key)}:${sealed.toString('base64url')}`;
}

/** @throws HeldarError `secret_unreadable` when it was sealed with another key or for another place, or is not whole. */
export function unseal(key: SecretKey, text: string, place: string): string {
  const [, keyId, encoded] = sealedText.exec(text) ?? [];
  if (keyId === undefined || encoded === undefined) throw unreadable(place, 'it is not sealed');
  if (keyId !== keyIdOf(key))
    throw unreadable(place, `it is sealed with key ${keyId}, and the key at hand is ${keyIdOf(key)}`);
  const bytes = Buffer.from(encoded, 'base64url');
  const tagAt = bytes.length - tagBytes;
  // The decoder passes over what does not make a whole byte: one text, one secret.
  if (tagAt < nonceBytes || bytes.toString('base64url') !== encoded)
    throw unreadable(place, 'it is not whole');
  const decipher = createDecipheriv('aes-256-gcm', cipherKey(key), bytes.subarray(0, nonceBytes))
    .setAAD(Buffer.from(place))
    .setAuthTag(bytes.subarray(tagAt));
  try {
    return decipher.update(bytes.subarray(nonceBytes, tagAt), undefined, 'utf8') + decipher.final('utf8');
  } catch {
    throw unreadable(place, 'it was changed, or sealed for another place');
  }
}

/** A key serves one purpose: this one is not the one that is kept. */
function cipherKey(key: SecretKey): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', 'heldar seal v1', 32));
}

function unreadable(place: string, why: string): HeldarError {
  return new HeldarError('secret_unreadable', `the secret ${place} can't be read: ${why}`);
}
