/** What is done stands in the audit log, in the transaction of the change, and nobody without the key can mend what they change there. */
import { join } from 'node:path';
import { definePlugin, route, z } from '@heldar/plugin-sdk';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openKeyring } from '../src/secrets/keyring.ts';
import { openReader } from '../src/store/database.ts';
import { verifyAudit, type Verdict } from '../src/store/audit-queries.ts';
import type { AnyTx } from '../src/testing/wrap-plugin.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { bearer, signInEnv, tokenOf } from './signed-in.ts';

interface AuditRecord {
  readonly id: string;
  readonly actor: string;
  readonly actor_name: string;
  readonly role: string | null;
  readonly action: string;
  readonly target_type: string | null;
  readonly target_id: string | null;
  readonly camera_id: string | null;
  readonly detail: Record<string, unknown>;
  readonly created_at: string;
}

let rig: KernelRig;
let admin: Record<string, string>;
beforeEach(async () => {
  rig = await startRig({
    cameras: [],
    env: signInEnv,
    config: { plugins: [import.meta.resolve('@heldar/plugin-zones')] },
  });
  admin = await signIn();
  await call('POST', '/api/v1/cameras', { id: 'gate', name: 'Gate', record_enabled: false });
  await call('POST', '/api/v1/cameras', { id: 'yard', name: 'Yard', record_enabled: false });
});
afterEach(() => rig[Symbol.asyncDispose]());

async function call(method: string, path: string, body?: object, headers = admin) {
  const { status, body: answered } = await rig.call(method, path, body, headers);
  return { status, body: answered as Record<string, string> };
}

const signIn = async () => bearer(await tokenOf(rig));

async function log(query = '', headers = admin): Promise<AuditRecord[]> {
  const { status, body } = await rig.call('GET', `/api/v1/audit${query}`, undefined, headers);
  expect(status).toBe(200);
  return body as AuditRecord[];
}

const databaseFile = () => join(rig.folder, 'heldar.db');

function verdict(known?: { seq: number; mac: string }): Verdict {
  const { chainKey } = openKeyring(databaseFile(), { key: null, keyFile: join(rig.folder, 'secret.key') });
  const db = openReader(databaseFile());
  try {
    return verifyAudit(db, chainKey, known);
  } finally {
    db.close();
  }
}

/** As somebody who can write to the file, but has not the key. */
function tamper(sql: string): void {
  const db = new Database(databaseFile());
  db.exec(sql);
  db.close();
}

describe('the log', () => {
  test('names who did what to which thing, newest first', async () => {
    const { body: zone } = await call('POST', '/api/v1/cameras/gate/zones', {
      name: 'Door',
      polygon: [
        [0, 0],
        [1, 0],
        [1, 1],
      ],
    });
    const { body: user } = await call('POST', '/api/v1/users', {
      username: 'bob',
      password: 'long enough',
      role: 'guard',
    });
    // Over a socket, for a request without one has no address.
    await fetch(`${rig.origin}/api/v1/users/${user['id']}`, {
      method: 'PATCH',
      headers: { ...admin, 'content-type': 'application/json' },
      body: JSON.stringify({ active: false, password: 'another one' }),
    });
    const rows = await log();
    const [me] = await log('?action=login');
    expect(rows.map(({ action }) => action)).toEqual([
      'update_user',
      'create_user',
      'create_zone',
      'create_camera',
      'create_camera',
      'login',
      'create_user',
    ]);
    expect(rows[0]).toMatchObject({
      actor: me?.target_id,
      actor_name: 'ada',
      role: 'admin',
      target_type: 'user',
      target_id: user['id'],
      camera_id: null,
      address: '127.0.0.1',
      detail: { role: 'guard', active: false, changed: ['active', 'password'] },
    });
    expect(rows[2]).toMatchObject({
      actor: me?.target_id,
      actor_name: 'ada',
      target_type: 'zone',
      target_id: zone['id'],
      camera_id: 'gate',
      detail: { camera_id: 'gate', name: 'Door', kind: 'region' },
    });
    expect(rows[0]?.id).toMatch(/^aud_[0-9a-f]{32}$/);
    // The first administrator is the system's doing.
    expect(rows.at(-1)).toMatchObject({ actor: 'system', action: 'create_user' });
  });

  test('holds nothing of a change that was refused', async () => {
    const before = await log();
    expect((await call('POST', '/api/v1/users', { username: 'ADA', password: 'long enough' })).status).toBe(
      409,
    );
    expect((await call('DELETE', '/api/v1/api-keys/key_none')).status).toBe(404);
    expect((await call('DELETE', '/api/v1/auth/sessions/ses_none')).status).toBe(404);
    const twice = { name: 'x', polygon: [[0, 0]] };
    expect((await call('POST', '/api/v1/cameras/gate/zones', twice)).status).toBe(400);
    expect(await log()).toEqual(before);
  });

  test('is filtered by time, actor and action, and a blank bound is none', async () => {
    await rig.clock.advance(60_000);
    const since = new Date(rig.clock.now()).toISOString();
    const { body: key } = await call('POST', '/api/v1/api-keys', { name: 'machine', role: 'manager' });
    const machine = { authorization: `Bearer ${key['key']}` };
    await call('PATCH', '/api/v1/cameras/gate', { name: 'Front gate' }, machine);
    expect((await log(`?from=${since}&to=`)).map(({ action }) => action)).toEqual([
      'update_camera',
      'create_api_key',
    ]);
    expect((await log(`?from=&to=${since}&action=create_api_key`)).length).toBe(1);
    expect((await log(`?actor=${key['id']}`)).map(({ actor_name: name, role }) => [name, role])).toEqual([
      ['machine', 'manager'],
    ]);
    expect((await log('?limit=1')).length).toBe(1);
  });

  test('shows who is limited to cameras what is about those alone', async () => {
    const { body: key } = await call('POST', '/api/v1/api-keys', {
      name: 'limited',
      role: 'manager',
      camera_ids: ['yard'],
    });
    const rows = await log('', { authorization: `Bearer ${key['key']}` });
    expect(rows.map(({ action, camera_id: camera }) => [action, camera])).toEqual([
      ['create_camera', 'yard'],
    ]);
  });

  test('tells of sign-ins that failed, of whose account, and not what was typed', async () => {
    const { body: user } = await call('POST', '/api/v1/users', { username: 'bob', password: 'long enough' });
    await call('POST', '/api/v1/auth/login', { username: 'bob', password: 'wrong secret' }, {});
    await call('POST', '/api/v1/auth/login', { username: 'a secret typed as a name', password: 'x' }, {});
    const rows = await log('?action=login_failed');
    expect(rows.map(({ actor, target_id: target }) => [actor, target])).toEqual([
      ['anonymous', null],
      ['anonymous', user['id']],
    ]);
    expect(JSON.stringify(rig.sql('SELECT * FROM audit'))).not.toContain('secret');
  });

  test('has a row for a change of a plugin that says nothing itself', async () => {
    const scope = { none: 'a test' };
    const announce = ({ tx }: { tx: AnyTx }) => void tx.emit('quiet_done', {});
    const quiet = definePlugin({
      name: 'quiet',
      capabilities: ['events:emit'],
      emits: { quiet_done: z.object({}) },
      setup: () => ({
        routes: [
          route.post('/act', { capability: 'view', scope, handle: announce }),
          route.post('/often', {
            capability: 'view',
            scope,
            audit: { none: 'it happens all the time' },
            handle: announce,
          }),
        ],
      }),
    });
    await rig.stop();
    await rig.start({ plugins: [quiet] });
    admin = await signIn();
    expect((await call('POST', '/api/v1/plugins/quiet/act')).status).toBe(204);
    expect((await call('POST', '/api/v1/plugins/quiet/often')).status).toBe(204);
    const [row, ...others] = await log('?action=plugin_change');
    expect(others).toEqual([]);
    expect(row).toMatchObject({
      actor_name: 'ada',
      target_type: 'route',
      target_id: 'POST /api/v1/plugins/quiet/act',
      detail: { plugin: 'quiet' },
    });
  });
});

describe('the chain', () => {
  test('is whole after a restart, and from its end on a copy of it can be told', async () => {
    const end = (verdict() as { end: { seq: number; mac: string } }).end;
    await rig.stop();
    await rig.start();
    admin = await signIn();
    expect(verdict(end)).toMatchObject({ ok: true, rows: end.seq + 1 });
  });

  test.each([
    ['a changed row', `UPDATE audit SET actor_name = 'eve' WHERE seq = 3`, /row 3 /],
    ['a row taken out', 'DELETE FROM audit WHERE seq = 2', /rows 2 to 2 are gone/],
    [
      'the newest taken away',
      'DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)',
      /rows after \d+ are gone/,
    ],
    ['everything taken away', 'DELETE FROM audit; DELETE FROM audit_ends', /./],
    [
      'the end moved back',
      `DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit);
       UPDATE audit_ends SET seq = (SELECT max(seq) FROM audit), mac = (SELECT mac FROM audit ORDER BY seq DESC) WHERE name = 'end'`,
      /changed by somebody without the key/,
    ],
    [
      'a beginning made up',
      `INSERT INTO audit_ends VALUES ('start', 1, (SELECT mac FROM audit WHERE seq = 1), 'x'); DELETE FROM audit WHERE seq = 1`,
      /changed by somebody without the key/,
    ],
  ])('shows %s', (_, sql, problem) => {
    const { end } = verdict() as { end: { seq: number; mac: string } };
    tamper(sql);
    // Who takes everything away is found out by an end that was noted elsewhere.
    expect(verdict(end)).toMatchObject({ ok: false, problem: expect.stringMatching(problem) });
  });
});
