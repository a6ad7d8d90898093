/** Where is the key that secrets are sealed with? In the environment, or in a file, which is made when nothing is sealed yet. */
import { randomBytes } from 'node:crypto';
import {
  closeSync,
  existsSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { HeldarError, messageOf } from '../errors.ts';
import type { SecretKey } from './seal.ts';

export interface SecretKeyPlace {
  /** Of `HELDAR_SECRET_KEY`; null: the file counts. */
  readonly key: string | null;
  /** Absolute. */
  readonly keyFile: string;
}

export const secretKeyBytes = 32;

/** null: there is none. @throws HeldarError `config_invalid` when what is there is no key. */
export function readSecretKey({ key, keyFile }: SecretKeyPlace): SecretKey | null {
  if (key !== null) return parsed(key, 'HELDAR_SECRET_KEY');
  if (!existsSync(keyFile)) return null;
  try {
    return parsed(readFileSync(keyFile, 'utf8'), keyFile);
  } catch (error) {
    if (error instanceof HeldarError) throw error;
    throw new HeldarError('config_invalid', `the key file ${keyFile} can't be read: ${messageOf(error)}`);
  }
}

/** Why a text is no key, or null. */
export function secretKeyProblem(text: string): string | null {
  return bytesOf(text) === null
    ? `it is no key: ${secretKeyBytes} bytes as 64 hex digits or as base64; openssl rand -hex 32 makes one`
    : null;
}

/** Makes the file, readable by its owner alone, on disk before anything is sealed with it; one that is there meanwhile wins. */
export function createSecretKeyFile(keyFile: string): SecretKey {
  mkdirSync(dirname(keyFile), { recursive: true });
  const made = `${keyFile}.${process.pid}`;
  writeKeyFile(made, randomBytes(secretKeyBytes));
  try {
    linkSync(made, keyFile);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    unlinkSync(made);
  }
  syncFolder(dirname(keyFile));
  return parsed(readFileSync(keyFile, 'utf8'), keyFile);
}

/** Synced; what was there is replaced. */
export function writeKeyFile(path: string, key: SecretKey): void {
  const file = openSync(path, 'w', 0o600);
  try {
    writeSync(file, `${key.toString('hex')}\n`);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

export function syncFolder(path: string): void {
  const folder = openSync(path, 'r');
  try {
    fsyncSync(folder);
  } finally {
    closeSync(folder);
  }
}

function parsed(text: string, from: string): SecretKey {
  const bytes = bytesOf(text);
  if (bytes === null) throw new HeldarError('config_invalid', `${from}: ${secretKeyProblem(text) ?? ''}`);
  return bytes;
}

function bytesOf(text: string): Buffer | null {
  const trimmed = text.trim();
  if (/^[0-9a-f]{64}$/i.test(trimmed)) return Buffer.from(trimmed, 'hex');
  if (!/^[A-Za-z0-9+/_-]{43}=?$/.test(trimmed)) return null;
  const bytes = Buffer.from(trimmed, 'base64');
  return bytes.length === secretKeyBytes ? bytes : null;
}
