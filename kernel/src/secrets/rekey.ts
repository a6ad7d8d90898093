/** How everything that is sealed moves to another key: whole or not at all, also when the process is killed on the way. */
import { randomBytes } from 'node:crypto';
import { existsSync, renameSync } from 'node:fs';
import { dirname } from 'node:path';
import { HeldarError } from '../errors.ts';
import { openWriter } from '../store/database.ts';
import { resealAll } from '../store/reseal.ts';
import { nextKeyFile, openKeyring, keyringOf } from './keyring.ts';
import { keyIdOf } from './seal.ts';
import {
  readSecretKey,
  secretKeyBytes,
  syncFolder,
  writeKeyFile,
  type SecretKeyPlace,
} from './secret-key.ts';

export interface Rekeyed {
  readonly secrets: number;
  /** Ids of the keys. */
  readonly from: string;
  readonly to: string;
}

/**
 * No kernel may run. `newKeyFile`: a key that was made elsewhere; default: a new one, which takes the place of the old in its file.
 * @throws HeldarError `usage` when the key is in the environment and no new one is named, `config_invalid` without the old key.
 */
export function rekey(file: string, place: SecretKeyPlace, newKeyFile: string | null): Rekeyed {
  const old = openKeyring(file, place);
  const isInFile = place.key === null;
  if (!isInFile && newKeyFile === null)
    throw new HeldarError(
      'usage',
      'the key is in HELDAR_SECRET_KEY, so the new one has to come from a file: openssl rand -hex 32 > new.key, then --new-key-file new.key',
    );
  const next = newKeyFile === null ? randomBytes(secretKeyBytes) : keyIn(newKeyFile);
  const beside = nextKeyFile(place.keyFile);
  // Before anything needs it.
  if (isInFile) {
    writeKeyFile(beside, next);
    syncFolder(dirname(beside));
  }
  const db = openWriter(file);
  try {
    const secrets = resealAll(db, old, keyringOf({ secret: next, chain: old.chainKey }));
    if (isInFile) {
      renameSync(beside, place.keyFile);
      syncFolder(dirname(place.keyFile));
    }
    return { secrets, from: keyIdOf(Buffer.from(old.keys.secret)), to: keyIdOf(next) };
  } finally {
    db.close();
  }
}

function keyIn(file: string): Buffer {
  const key = existsSync(file) ? readSecretKey({ key: null, keyFile: file }) : null;
  if (key === null) throw new HeldarError('usage', `--new-key-file: there is no file ${file}`);
  return key;
}
