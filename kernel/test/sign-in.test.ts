/** People sign in, machines send keys, and each gets what its role, its state and its password allow; nothing else gets in. */
import { afterEach, describe, expect, test } from 'vitest';
import { hashToken } from '../src/auth/token.ts';
import { startRig, type Answer, type KernelRig } from './kernel-rig.ts';

const password = 'correct horse';
const hourMs = 3_600_000;
const env = {
  HELDAR_AUTH_ENABLED: 'true',
  HELDAR_BOOTSTRAP_ADMIN_USER: ' Ada ',
  HELDAR_BOOTSTRAP_ADMIN_PASSWORD: password,
};

let rig: KernelRig | null = null;
afterEach(async () => {
  await rig?.[Symbol.asyncDispose]();
  rig = null;
});

async function site(variables: Record<string, string> = {}) {
  rig = await startRig({ cameras: [], env: { ...env, ...variables } });
  const { call } = rig;
  const signIn = async (username = 'Ada', secret = password) =>
    await call('POST', '/api/v1/auth/login', { username, password: secret });
  const tokenOf = async (username?: string, secret?: string) =>
    (fieldsOf(await signIn(username, secret))['token'] as string | undefined) ?? '';
  const bearer = (token: string) => ({ authorization: `Bearer ${token}` });
  const admin = bearer(await tokenOf());
  const me = async (headers: Record<string, string> = {}) =>
    await call('GET', '/api/v1/auth/me', undefined, headers);
  const createUser = async (fields: object) => {
    const answer = await call('POST', '/api/v1/users', { password: 'long enough', ...fields }, admin);
    return { ...answer, id: String(fieldsOf(answer)['id']) };
  };
  const createKey = async (fields: object) =>
    fieldsOf(await call('POST', '/api/v1/api-keys', fields, admin)) as { id: string; key: string };
  return { rig, call, signIn, tokenOf, bearer, admin, me, createUser, createKey };
}

function fieldsOf({ body }: Answer): Record<string, unknown> {
  return body as Record<string, unknown>;
}

describe('signing in', () => {
  test('gives a token that is good as bearer, key header and cookie, and is kept as a hash only', async () => {
    const { rig: started, signIn, me } = await site();
    const answer = await signIn(' Ada ');
    const { token, expires_at: expiresAt, user } = fieldsOf(answer);
    expect(answer.status).toBe(200);
    expect(token).toMatch(/^vos_[0-9a-f]{64}$/);
    expect(Date.parse(String(expiresAt))).toBe(started.clock.now() + 12 * hourMs);
    expect(user).toMatchObject({ username: 'Ada', display_name: 'Ada', role: 'admin', active: true });
    expect(answer.headers.get('set-cookie')).toBe(
      `heldar_session=${String(token)}; HttpOnly; SameSite=Strict; Path=/; Max-Age=43200`,
    );
    const carried = [
      { authorization: `Bearer ${String(token)}` },
      { authorization: `bearer  ${String(token)} ` },
      { 'x-api-key': String(token) },
      { cookie: `theme=dark; heldar_session=${String(token)}` },
    ];
    for (const headers of carried)
      expect(await me(headers as Record<string, string>)).toMatchObject({
        status: 200,
        body: { name: 'Ada', role: 'admin', kind: 'user' },
      });
    const kept = started.sql('SELECT * FROM user_sessions WHERE token_hash = ?', hashToken(String(token)));
    expect(kept).toHaveLength(1);
    expect(JSON.stringify(started.sql('SELECT * FROM user_sessions, users'))).not.toMatch(
      /vos_|correct horse/,
    );
  });

  test('fails alike for a wrong name, a wrong password and a user who is switched off', async () => {
    const { signIn, createUser } = await site();
    expect(await createUser({ username: 'bob', active: false })).toMatchObject({ status: 201 });
    const answers = [
      await signIn('nobody'),
      await signIn('Ada', 'wrong'),
      await signIn('bob', 'long enough'),
    ];
    for (const { status, body, headers } of answers) {
      expect({ status, error: (body as { error: string }).error }).toEqual({
        status: 401,
        error: 'invalid credentials',
      });
      expect(headers.get('set-cookie')).toBeNull();
    }
  });

  test('refuses what is no credential, by the first that is there', async () => {
    const { me, admin } = await site();
    const none = { status: 401, body: { error: 'authentication required' } };
    const bad = { status: 401, body: { error: 'invalid or expired credentials' } };
    expect(await me()).toMatchObject(none);
    expect(await me({ authorization: 'Basic QWRhOng=' })).toMatchObject(none);
    expect(await me({ authorization: 'Bearer ' })).toMatchObject(none);
    expect(await me({ cookie: 'heldar_session=' })).toMatchObject(none);
    expect(await me({ authorization: 'Bearer vos_0' })).toMatchObject(bad);
    // The first counts, whether it is good or not.
    expect(
      await me({ authorization: 'Bearer vos_0', 'x-api-key': admin.authorization.slice(7) }),
    ).toMatchObject(bad);
    expect(
      await me({ 'x-api-key': 'vok_0', cookie: `heldar_session=${admin.authorization.slice(7)}` }),
    ).toMatchObject(bad);
  });

  test('out ends the session that is presented and clears the cookie, also of nobody', async () => {
    const { call, admin, me } = await site();
    const out = await call('POST', '/api/v1/auth/logout', undefined, admin);
    expect({ status: out.status, cookie: out.headers.get('set-cookie') }).toEqual({
      status: 204,
      cookie: 'heldar_session=; HttpOnly; SameSite=Strict; Path=/; Max-Age=0',
    });
    expect((await me(admin)).status).toBe(401);
    expect((await call('POST', '/api/v1/auth/logout')).status).toBe(204);
  });

  test('lasts as long as is said, and no longer than it is used where that is said', async () => {
    const { rig: started, me, admin, tokenOf, bearer } = await site({ HELDAR_SESSION_IDLE_MINUTES: '30' });
    const usedAt = () => started.sql<{ at: number }>('SELECT last_used_at AS at FROM user_sessions')[0]?.at;
    for (let minute = 0; minute < 700; minute += 25) {
      await started.clock.advance(25 * 60_000);
      expect((await me(admin)).status).toBe(200);
      await expect.poll(usedAt).toBe(started.clock.now());
    }
    await started.clock.advance(25 * 60_000);
    expect((await me(admin)).status).toBe(401);
    await expect.poll(() => started.sql('SELECT 1 FROM user_sessions')).toEqual([]);
    const idle = bearer(await tokenOf());
    await started.clock.advance(32 * 60_000);
    expect((await me(idle)).status).toBe(401);
  });
});

test('sessions that nobody presents any more are dropped when they are over', async () => {
  const { rig: started, admin, me } = await site({ HELDAR_SESSION_IDLE_MINUTES: '30' });
  const rows = () => started.sql('SELECT 1 FROM user_sessions').length;
  await started.clock.advance(25 * 60_000);
  expect(rows()).toBe(1);
  await started.clock.advance(30 * 60_000);
  await expect.poll(rows).toBe(0);
  expect((await me(admin)).status).toBe(401);
});

describe('guessing', () => {
  async function behindProxy(proxies: string) {
    const started = await site({ HELDAR_TRUSTED_PROXIES: proxies });
    const attempt = (address: string, secret: string, headers: Record<string, string> = {}) =>
      fetch(`${started.rig.origin}/api/v1/auth/login`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-forwarded-for': address, ...headers },
        body: JSON.stringify({ username: 'ada', password: secret }),
      });
    return { ...started, attempt };
  }

  test('ends after five failures of a name at an address, for a quarter of an hour; elsewhere the door is open', async () => {
    const { rig: started, attempt } = await behindProxy('loopback');
    for (let time = 0; time < 5; time += 1) expect((await attempt('203.0.113.1', 'wrong')).status).toBe(401);
    const refused = await attempt('203.0.113.1', password);
    expect([refused.status, refused.headers.get('retry-after')]).toEqual([429, '900']);
    expect((await attempt('203.0.113.2', password)).status).toBe(200);
    await started.clock.advance(15 * 60_000);
    expect((await attempt('203.0.113.1', password)).status).toBe(200);
    expect(
      started.sql(`SELECT address FROM user_sessions WHERE address LIKE '203.%' ORDER BY address`),
    ).toEqual([{ address: '203.0.113.1' }, { address: '203.0.113.2' }]);
  });

  test('is counted where it comes from: a forwarded address is not believed of just anybody', async () => {
    const { attempt } = await behindProxy('198.51.100.1');
    const statuses: number[] = [];
    for (let time = 0; time < 6; time += 1)
      statuses.push((await attempt(`203.0.113.${time}`, 'wrong')).status);
    expect(statuses).toEqual([401, 401, 401, 401, 401, 429]);
  });

  test('the own password is throttled alike', async () => {
    const { call, admin } = await site();
    const change = async (current: string) =>
      (
        await call(
          'POST',
          '/api/v1/auth/password',
          { current_password: current, new_password: 'another one' },
          admin,
        )
      ).status;
    for (let time = 0; time < 5; time += 1) expect(await change('wrong')).toBe(400);
    expect(await change(password)).toBe(429);
  });

  test('behind TLS the cookie is for TLS only', async () => {
    const { attempt } = await behindProxy('loopback');
    const cookie = async (headers: Record<string, string>) =>
      (await attempt('203.0.113.1', password, headers)).headers.get('set-cookie');
    expect(await cookie({ 'x-forwarded-proto': 'https' })).toMatch(/; Secure$/);
    expect(await cookie({})).not.toMatch(/Secure/);
  });
});

test('a page of another site can use the cookie for nothing that changes', async () => {
  const { call, admin } = await site();
  const cookie = { cookie: `heldar_session=${admin.authorization.slice('Bearer '.length)}` };
  const from = (where: string) => ({ ...cookie, 'sec-fetch-site': where });
  const user = { username: 'eve', password: 'long enough' };
  expect(await call('POST', '/api/v1/users', user, from('cross-site'))).toMatchObject({ status: 403 });
  expect(await call('POST', '/api/v1/auth/logout', undefined, from('cross-site'))).toMatchObject({
    status: 403,
  });
  expect(await call('GET', '/api/v1/users', undefined, from('cross-site'))).toMatchObject({ status: 200 });
  expect(await call('POST', '/api/v1/users', user, from('same-origin'))).toMatchObject({ status: 201 });
});

describe('a user', () => {
  test('has one name whatever its case, and the role that is read at each request', async () => {
    const { createUser, call, admin, tokenOf, bearer, me } = await site();
    const { id, status } = await createUser({ username: 'Eve', role: 'guard', display_name: '' });
    expect(status).toBe(201);
    expect(await createUser({ username: 'EVE' })).toMatchObject({ status: 409 });
    expect(await createUser({ username: 'x', role: 'root' })).toMatchObject({ status: 400 });
    expect(await createUser({ username: 'x', password: '1234567' })).toMatchObject({ status: 400 });
    expect(await createUser({ username: ' ' })).toMatchObject({ status: 400 });
    const eve = bearer(await tokenOf('eve', 'long enough'));
    // Without a display name, the user name.
    expect(await me(eve)).toMatchObject({ body: { name: 'Eve', role: 'guard' } });
    expect(await call('GET', '/api/v1/users', undefined, eve)).toMatchObject({ status: 403 });
    const changed = await call('PATCH', `/api/v1/users/${id}`, { role: 'manager' }, admin);
    expect(changed).toMatchObject({ status: 200, body: { role: 'manager', username: 'Eve' } });
    expect((await me(eve)).status).toBe(401);
    const names = (await call('GET', '/api/v1/users', undefined, admin)).body as { username: string }[];
    expect(names.map(({ username }) => username)).toEqual(['Ada', 'Eve']);
    expect(JSON.stringify(names)).not.toMatch(/hash|argon/);
  });

  test('who is the last administrator stays one, also when two are asked to go at once', async () => {
    const { createUser, call, admin, me } = await site();
    const adaId = String(fieldsOf(await me(admin))['id']);
    const patch = (id: string, fields: object) => call('PATCH', `/api/v1/users/${id}`, fields, admin);
    expect(await patch(adaId, { role: 'viewer' })).toMatchObject({ status: 400 });
    expect(await patch(adaId, { active: false })).toMatchObject({ status: 400 });
    expect(await call('DELETE', `/api/v1/users/${adaId}`, undefined, admin)).toMatchObject({ status: 400 });
    expect(await patch('usr_none', {})).toMatchObject({ status: 404 });
    const { id: eveId } = await createUser({ username: 'eve', role: 'admin' });
    const answers = await Promise.all([patch(adaId, { role: 'viewer' }), patch(eveId, { role: 'viewer' })]);
    expect(new Set(answers.map(({ status }) => status))).toEqual(new Set([200, 400]));
  });

  test('loses its sessions with a new password, when switched off and when deleted', async () => {
    const { createUser, call, admin, tokenOf, bearer, me } = await site();
    const { id } = await createUser({ username: 'eve' });
    for (const fields of [{ password: 'another one' }, { active: false }]) {
      const eve = bearer(await tokenOf('eve', 'long enough'));
      expect((await me(eve)).status).toBe(200);
      await call('PATCH', `/api/v1/users/${id}`, fields, admin);
      expect((await me(eve)).status).toBe(401);
      await call('PATCH', `/api/v1/users/${id}`, { password: 'long enough', active: true }, admin);
    }
    const eve = bearer(await tokenOf('eve', 'long enough'));
    expect(await call('DELETE', `/api/v1/users/${id}`, undefined, admin)).toMatchObject({ status: 204 });
    expect((await me(eve)).status).toBe(401);
    expect(await call('DELETE', `/api/v1/users/${id}`, undefined, admin)).toMatchObject({ status: 404 });
  });

  test('changes its own password, sees its sessions and ends them; others are none of its business', async () => {
    const { createUser, call, admin, tokenOf, bearer, me } = await site();
    await createUser({ username: 'eve' });
    const here = bearer(await tokenOf('eve', 'long enough'));
    const there = bearer(await tokenOf('eve', 'long enough'));
    const change = (fields: object) => call('POST', '/api/v1/auth/password', fields, here);
    expect(await change({ current_password: 'wrong', new_password: 'another one' })).toMatchObject({
      status: 400,
    });
    expect(await change({ current_password: 'long enough', new_password: 'short' })).toMatchObject({
      status: 400,
    });
    const sessions = (await call('GET', '/api/v1/auth/sessions', undefined, here)).body as {
      id: string;
      current: boolean;
    }[];
    expect(sessions.filter(({ current }) => current)).toHaveLength(1);
    expect(sessions).toHaveLength(2);
    const foreign = (await call('GET', '/api/v1/auth/sessions', undefined, admin)).body as { id: string }[];
    const end = (sessionId = '') => call('DELETE', `/api/v1/auth/sessions/${sessionId}`, undefined, here);
    expect(await end(foreign[0]?.id)).toMatchObject({ status: 404 });
    expect(await end(sessions.find(({ current }) => !current)?.id)).toMatchObject({ status: 204 });
    expect((await me(there)).status).toBe(401);
    const elsewhere = bearer(await tokenOf('eve', 'long enough'));
    expect(await change({ current_password: 'long enough', new_password: 'another one' })).toMatchObject({
      status: 204,
    });
    expect([(await me(here)).status, (await me(elsewhere)).status]).toEqual([200, 401]);
    expect(await tokenOf('eve', 'another one')).toMatch(/^vos_/);
  });
});

describe('a key', () => {
  test('is shown once, and works until it expires, is switched off or revoked', async () => {
    const { rig: started, createKey, call, admin, me, bearer } = await site();
    const expires = new Date(started.clock.now() + hourMs).toISOString();
    const { id, key } = await createKey({ name: ' worker ', expires_at: expires });
    expect(key).toMatch(/^vok_[0-9a-f]{64}$/);
    expect(await me(bearer(key))).toMatchObject({
      body: { id, name: 'worker', role: 'integration', kind: 'api_key' },
    });
    const listed = (await call('GET', '/api/v1/api-keys', undefined, admin)).body as object[];
    expect(listed).toMatchObject([{ id, key_prefix: key.slice(0, 12), active: true, grants: null }]);
    expect(JSON.stringify(listed)).not.toContain(key.slice(0, 20));
    const patch = (fields: object) => call('PATCH', `/api/v1/api-keys/${id}`, fields, admin);
    expect(await patch({ active: false })).toMatchObject({ status: 200, body: { active: false } });
    expect((await me(bearer(key))).status).toBe(401);
    await patch({ active: true });
    expect((await me(bearer(key))).status).toBe(200);
    await started.clock.advance(hourMs);
    expect((await me(bearer(key))).status).toBe(401);
    await patch({ expires_at: null });
    expect((await me(bearer(key))).status).toBe(200);
    expect(await call('DELETE', `/api/v1/api-keys/${id}`, undefined, admin)).toMatchObject({ status: 204 });
    expect((await me(bearer(key))).status).toBe(401);
    expect(await patch({ active: true })).toMatchObject({ status: 404 });
  });

  test('is rotated: the old text works for as long as is said', async () => {
    const { rig: started, createKey, call, admin, me, bearer } = await site();
    const { id, key } = await createKey({ name: 'worker' });
    const rotated = await call('POST', `/api/v1/api-keys/${id}/rotate`, { keep_old_seconds: 60 }, admin);
    const newKey = String(fieldsOf(rotated)['key']);
    expect([(await me(bearer(key))).status, (await me(bearer(newKey))).status]).toEqual([200, 200]);
    await started.clock.advance(60_000);
    expect([(await me(bearer(key))).status, (await me(bearer(newKey))).status]).toEqual([401, 200]);
  });

  test('may do less than its role, never more', async () => {
    const { createKey, call, admin, bearer } = await site();
    const { key } = await createKey({ name: 'ingest only', grants: ['ingest', 'admin'] });
    const status = async (method: string, path: string, body?: object) =>
      (await call(method, path, body, bearer(key))).status;
    expect(await status('GET', '/api/v1/cameras')).toBe(403);
    expect(await status('GET', '/api/v1/users')).toBe(403);
    expect(await status('POST', '/api/v1/ai/events', { camera_id: 'gate' })).not.toBe(403);
    const wrong = await call('POST', '/api/v1/api-keys', { name: 'x', grants: ['everything'] }, admin);
    expect(wrong).toMatchObject({ status: 400 });
  });

  test('a role that is none is refused, never another in its place', async () => {
    const { rig: started, createKey, me, bearer } = await site();
    const { key } = await createKey({ name: 'odd' });
    await started.stop();
    const { default: Database } = await import('better-sqlite3');
    const db = new Database(`${started.folder}/heldar.db`);
    db.exec(`UPDATE api_keys SET role = 'owner'; UPDATE users SET role = 'owner'`);
    db.close();
    await started.start();
    expect((await me(bearer(key))).status).toBe(401);
  });
});

describe('the use of a credential', () => {
  test('is noted once a minute', async () => {
    const { rig: started, createKey, me, bearer } = await site();
    const { key } = await createKey({ name: 'worker' });
    const used = () => started.sql<{ at: number | null }>('SELECT last_used_at AS at FROM api_keys')[0]?.at;
    const useAt = async (afterMs: number) => {
      await started.clock.advance(afterMs);
      await me(bearer(key));
      await expect.poll(() => used()).not.toBeNull();
      return used();
    };
    const first = await useAt(0);
    expect(await useAt(59_000)).toBe(first);
    await started.clock.advance(1000);
    await me(bearer(key));
    await expect.poll(() => used()).toBe((first ?? 0) + 60_000);
  });
});

describe('sign-in that is off', () => {
  test('makes everybody the system, but who presents a good credential', async () => {
    const { me, createUser, tokenOf, bearer, call } = await site({ HELDAR_AUTH_ENABLED: 'false' });
    expect(await me()).toMatchObject({
      body: { id: 'system', name: 'system', role: 'admin', kind: 'system' },
    });
    expect(await me({ authorization: 'Bearer vos_0' })).toMatchObject({ body: { id: 'system' } });
    // No administrator is made, and none is needed to make a user.
    expect(await createUser({ username: 'eve' })).toMatchObject({ status: 201 });
    const eve = bearer(await tokenOf('eve', 'long enough'));
    expect(await me(eve)).toMatchObject({ body: { name: 'eve', role: 'viewer' } });
    expect((await call('GET', '/api/v1/users', undefined, eve)).status).toBe(403);
  });
});

describe('the first administrator', () => {
  test.each([
    [
      { HELDAR_BOOTSTRAP_ADMIN_PASSWORD: '1234567' },
      /HELDAR_BOOTSTRAP_ADMIN_PASSWORD: a password has at least 8/,
    ],
    [{ HELDAR_BOOTSTRAP_ADMIN_USER: ' ' }, /HELDAR_BOOTSTRAP_ADMIN_USER: it is blank/],
  ])('that can not be made keeps the kernel from starting (%o)', async (variables, message) => {
    await expect(startRig({ cameras: [], env: { ...env, ...variables } })).rejects.toThrow(message);
  });

  test('is made once: who was deleted or renamed does not come back', async () => {
    const { rig: started, createUser, call, tokenOf, bearer, me, admin } = await site();
    const adaId = String(fieldsOf(await me(admin))['id']);
    await createUser({ username: 'eve', role: 'admin' });
    const eve = bearer(await tokenOf('eve', 'long enough'));
    expect(await call('DELETE', `/api/v1/users/${adaId}`, undefined, eve)).toMatchObject({ status: 204 });
    await started.stop();
    await started.start();
    expect(started.sql('SELECT username FROM users')).toEqual([{ username: 'eve' }]);
  });
});
