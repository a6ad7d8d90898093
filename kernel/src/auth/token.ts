/** What a credential is made of: random text that is shown once, and of which only a hash is kept. */
import { createHash, randomBytes } from 'node:crypto';

export type CredentialKind = 'session' | 'key';

const prefixes: Readonly<Record<CredentialKind, string>> = { session: 'vos_', key: 'vok_' };
/** 256 bits. */
const secretBytes = 32;
/** Of a key, what is shown of it later. */
const shownCharacters = 12;

export interface MintedToken {
  /** Leaves the process in one answer and is not kept. */
  readonly token: string;
  readonly hash: string;
  /** The beginning, by which people tell keys apart. */
  readonly prefix: string;
}

export function mintToken(kind: CredentialKind): MintedToken {
  const token = `${prefixes[kind]}${randomBytes(secretBytes).toString('hex')}`;
  return { token, hash: hashToken(token), prefix: token.slice(0, shownCharacters) };
}

/** SHA-256 of the whole text, hex: with 256 random bits there is nothing to guess, so no slow hash is needed. */
export function hashToken(token: string): string {
  return createHash('sha256').update(token, 'utf8').digest('hex');
}

/** Decided by the prefix alone. */
export function kindOfToken(token: string): CredentialKind {
  return token.startsWith(prefixes.key) ? 'key' : 'session';
}
