/** Secrets lie sealed in the database; the key can be changed, and without the right one nothing starts and nothing is lost. */
import { copyFileSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { nextKeyFile, openKeyring } from '../src/secrets/keyring.ts';
import { rekey } from '../src/secrets/rekey.ts';
import { isSealed } from '../src/secrets/seal.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';

const password = 'the password of a camera';

let rig: KernelRig;
let file: string;
let keyFile: string;
beforeEach(async () => {
  rig = await startRig({ cameras: [], env: { HELDAR_RECORDER_ENABLED: 'false' } });
  file = join(rig.folder, 'heldar.db');
  keyFile = join(rig.folder, 'secret.key');
  const body = { id: 'gate', name: 'Gate', address: '127.0.0.1', username: 'admin', password };
  await rig.call('POST', '/api/v1/cameras', body);
});
afterEach(() => rig[Symbol.asyncDispose]());

const place = () => ({ key: null, keyFile });
const stored = () =>
  rig.sql<{ text: string }>(`SELECT password AS text FROM camera_secrets WHERE camera_id = 'gate'`)[0]
    ?.text ?? '';
const opened = () => openKeyring(file, place()).open(stored(), 'camera_secrets/gate/password');
const hasPassword = async () => {
  const { body } = await rig.call('GET', '/api/v1/cameras/gate');
  return (body as { has_password: boolean }).has_password;
};

test('a secret is sealed with a key that its owner alone can read, and opens for its place alone', () => {
  expect(isSealed(stored())).toBe(true);
  expect(opened()).toBe(password);
  expect(statSync(keyFile).mode & 0o777).toBe(0o600);
  expect(() => openKeyring(file, place()).open(stored(), 'camera_secrets/yard/password')).toThrow(
    /sealed for another place/,
  );
});

test('what an older kernel left plain is sealed at the next start', async () => {
  await rig.stop();
  const db = new Database(file);
  db.prepare('UPDATE camera_secrets SET password = ?').run('left plain');
  db.close();
  await rig.start();
  expect(isSealed(stored())).toBe(true);
  expect(opened()).toBe('left plain');
  expect(await hasPassword()).toBe(true);
  await rig.stop();
  expect(readFileSync(file, 'latin1')).not.toContain('left plain');
});

describe('without the key', () => {
  test('the kernel does not start, says where the key belongs, and makes no other', async () => {
    await rig.stop();
    renameSync(keyFile, `${keyFile}.away`);
    await expect(rig.start()).rejects.toThrow(`is missing: put it back at ${keyFile}`);
    expect(() => statSync(keyFile)).toThrow('ENOENT');
    renameSync(`${keyFile}.away`, keyFile);
    await rig.start();
    expect(opened()).toBe(password);
  });

  test('with another one neither, and it names both', async () => {
    await rig.stop();
    copyFileSync(keyFile, `${keyFile}.right`);
    writeFileSync(keyFile, 'ab'.repeat(32));
    await expect(rig.start()).rejects.toThrow(
      /is not the key .* it is key [0-9a-f]{8}, and they need key [0-9a-f]{8}/,
    );
    writeFileSync(keyFile, 'no key at all');
    await expect(rig.start()).rejects.toThrow('64 hex digits');
    renameSync(`${keyFile}.right`, keyFile);
    await rig.start();
  });
});

describe('another key', () => {
  const oldKey = () => readFileSync(keyFile, 'utf8');

  test('seals everything anew, and the old one opens nothing any more', async () => {
    await rig.stop();
    const before = { key: oldKey(), text: stored() };
    expect(rekey(file, place(), null)).toMatchObject({ secrets: 1 });
    expect(oldKey()).not.toBe(before.key);
    expect(stored()).not.toBe(before.text);
    await rig.start();
    expect(opened()).toBe(password);
    expect(() => openKeyring(file, { key: before.key, keyFile })).toThrow('is not the key');
  });

  test('is kept when the process was killed before the key took its place', async () => {
    await rig.stop();
    const before = oldKey();
    rekey(file, place(), null);
    // As it is between the commit and the change of the file.
    renameSync(keyFile, nextKeyFile(keyFile));
    writeFileSync(keyFile, before);
    await rig.start();
    expect(opened()).toBe(password);
    expect(oldKey()).not.toBe(before);
  });

  test('is dropped when the process was killed before anything was sealed with it', async () => {
    await rig.stop();
    const before = oldKey();
    writeFileSync(nextKeyFile(keyFile), 'cd'.repeat(32));
    await rig.start();
    expect(opened()).toBe(password);
    expect(oldKey()).toBe(before);
  });

  test('moves nothing when one secret does not open', async () => {
    await rig.stop();
    const db = new Database(file);
    const first = stored();
    db.prepare('UPDATE camera_secrets SET main_stream_url = ?').run(`${first.slice(0, -4)}AAAA`);
    db.close();
    expect(() => rekey(file, place(), null)).toThrow(/camera_secrets\/gate\/main_stream_url can't be read/);
    expect(stored()).toBe(first);
    expect(opened()).toBe(password);
  });

  test('from the environment has to be named by a file', async () => {
    await rig.stop();
    const given = { key: oldKey(), keyFile };
    expect(() => rekey(file, given, null)).toThrow('--new-key-file');
    const next = join(rig.folder, 'next.key');
    writeFileSync(next, 'ef'.repeat(32));
    rekey(file, given, next);
    expect(
      openKeyring(file, { key: 'ef'.repeat(32), keyFile }).open(stored(), 'camera_secrets/gate/password'),
    ).toBe(password);
    rmSync(keyFile);
    writeFileSync(keyFile, 'ef'.repeat(32));
    await rig.start();
  });
});
