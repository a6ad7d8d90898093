/** The keys a store works with: that of the site, which seals secrets, and one of the store's own, sealed with it, which chains the audit log. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { HeldarError } from '../errors.ts';
import { openWriter, type SqliteDatabase } from '../store/database.ts';
import { isSealed, keyIdOf, seal, sealedWith, unseal, type SecretKey } from './seal.ts';
import {
  createSecretKeyFile,
  readSecretKey,
  secretKeyBytes,
  syncFolder,
  type SecretKeyPlace,
} from './secret-key.ts';

export interface Keyring {
  /** `place` names the row and the column it is kept in. */
  seal(text: string, place: string): string;
  /** Text that is not sealed yet is answered as it is. @throws HeldarError `secret_unreadable`. */
  open(text: string, place: string): string;
  /** Of the chain of the audit log. */
  readonly chainKey: Buffer;
  /** For another thread: `keyringOf` makes it one again. */
  readonly keys: KeyringKeys;
}

export interface KeyringKeys {
  readonly secret: Uint8Array;
  readonly chain: Uint8Array;
}

/** Where the key of the chain is kept, sealed. */
export const chainKeyName = 'audit_key';
export const chainKeyPlace = `meta/${chainKeyName}`;

export function keyringOf(keys: KeyringKeys): Keyring {
  const secret = Buffer.from(keys.secret);
  return {
    seal: (text, place) => seal(secret, text, place),
    open: (text, place) => (isSealed(text) ? unseal(secret, text, place) : text),
    chainKey: Buffer.from(keys.chain),
    keys,
  };
}

/**
 * Of a migrated database. The first time it makes what is missing: the key file, and the key of the chain.
 * @throws HeldarError `config_invalid` when the key is missing or another than the one that secrets here are sealed with.
 */
export function openKeyring(file: string, place: SecretKeyPlace): Keyring {
  const db = openWriter(file);
  try {
    return open(db, place);
  } finally {
    db.close();
  }
}

function open(db: SqliteDatabase, place: SecretKeyPlace): Keyring {
  const stored = storedChainKey(db);
  const secret = secretFor(place, stored);
  if (stored !== null)
    return keyringOf({ secret, chain: Buffer.from(unseal(secret, stored, chainKeyPlace), 'hex') });
  const made = seal(secret, randomBytes(secretKeyBytes).toString('hex'), chainKeyPlace);
  db.prepare('INSERT OR IGNORE INTO meta (key, value) VALUES (?, ?)').run(chainKeyName, made);
  return open(db, place);
}

function storedChainKey(db: SqliteDatabase): string | null {
  const row = db.prepare('SELECT value FROM meta WHERE key = ?').get(chainKeyName) as
    { value: string } | undefined;
  return row?.value ?? null;
}

function secretFor(place: SecretKeyPlace, stored: string | null): SecretKey {
  const from = place.key === null ? place.keyFile : 'HELDAR_SECRET_KEY';
  const found = place.key === null ? finishRekey(place, stored) : readSecretKey(place);
  if (found === null) {
    if (stored === null) return createSecretKeyFile(place.keyFile);
    throw new HeldarError(
      'config_invalid',
      `the key that secrets of this site are sealed with is missing: put it back at ${place.keyFile}, or name it with HELDAR_SECRET_KEY_FILE or HELDAR_SECRET_KEY`,
    );
  }
  const keyId = sealedWith(stored ?? '');
  if (keyId !== undefined && keyId !== keyIdOf(found))
    throw new HeldarError(
      'config_invalid',
      `${from} is not the key that secrets of this site are sealed with: it is key ${keyIdOf(found)}, and they need key ${keyId}`,
    );
  return found;
}

/** What a re-keying writes before the database, and moves to its place after. */
export function nextKeyFile(keyFile: string): string {
  return `${keyFile}.next`;
}

/** A re-keying that was killed between the database and the key file is brought to its end. */
function finishRekey({ keyFile }: SecretKeyPlace, stored: string | null): SecretKey | null {
  const next = nextKeyFile(keyFile);
  const keyId = sealedWith(stored ?? '');
  if (keyId !== undefined && existsSync(next)) {
    const key = readSecretKey({ key: null, keyFile: next });
    if (key !== null && keyIdOf(key) === keyId) {
      renameSync(next, keyFile);
      syncFolder(dirname(keyFile));
    }
  }
  return readSecretKey({ key: null, keyFile });
}
