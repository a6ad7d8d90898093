/** Every route that is mounted, asked with every kind of credential and by every role: what it answers is what the table says by hand. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { census, elsewhere, mayAsk, roles, type Role } from './census/table.ts';
import { startRig, type KernelRig } from './kernel-rig.ts';

const env = {
  HELDAR_AUTH_ENABLED: 'true',
  HELDAR_BOOTSTRAP_ADMIN_USER: 'ada',
  HELDAR_BOOTSTRAP_ADMIN_PASSWORD: 'correct horse',
};

interface Holder {
  readonly role: Role;
  readonly kind: 'session' | 'key';
  readonly token: string;
}

let rig: KernelRig;
let admin: string;
/** Each by what is wrong with it. */
const worthless = new Map<string, string | null>();
const holders: Holder[] = [];

const bearer = (token: string | null) => (token === null ? {} : { authorization: `Bearer ${token}` });
const call = async (method: string, path: string, body?: object, token: string | null = admin) => {
  const answer = await rig.call(method, path, body, bearer(token));
  return { status: answer.status, body: answer.body as Record<string, string> };
};
const signIn = async (username: string, password: string) =>
  (await call('POST', '/api/v1/auth/login', { username, password }, null)).body['token'] ?? '';

beforeAll(async () => {
  rig = await startRig({
    cameras: [],
    env,
    config: { plugins: [import.meta.resolve('@heldar/plugin-zones')] },
  });
  admin = await signIn('ada', 'correct horse');
  worthless.set('none', null);
  worthless.set('no token', 'x');
  worthless.set('a session that never was', `vos_${'0'.repeat(64)}`);
  worthless.set('a key that never was', `vok_${'0'.repeat(64)}`);
  await makeWorthless();
  for (const role of roles) {
    await call('POST', '/api/v1/users', { username: role, password: 'long enough', role });
    holders.push({ role, kind: 'session', token: await signIn(role, 'long enough') });
    const { body } = await call('POST', '/api/v1/api-keys', { name: role, role });
    holders.push({ role, kind: 'key', token: body['key'] ?? '' });
  }
});
afterAll(() => rig[Symbol.asyncDispose]());

async function makeWorthless(): Promise<void> {
  const user = async (username: string) => {
    const { body } = await call('POST', '/api/v1/users', {
      username,
      password: 'long enough',
      role: 'admin',
    });
    return { id: body['id'] ?? '', token: await signIn(username, 'long enough') };
  };
  const key = async (fields: object) => {
    const { body } = await call('POST', '/api/v1/api-keys', { name: 'x', role: 'admin', ...fields });
    return { id: body['id'] ?? '', key: body['key'] ?? '' };
  };
  worthless.set('an expired session', await signIn('ada', 'correct horse'));
  worthless.set(
    'an expired key',
    (await key({ expires_at: new Date(rig.clock.now() + 1000).toISOString() })).key,
  );
  await rig.clock.advance(13 * 3_600_000);
  admin = await signIn('ada', 'correct horse');
  const ended = await signIn('ada', 'correct horse');
  await call('POST', '/api/v1/auth/logout', undefined, ended);
  worthless.set('a session that was ended', ended);
  const disabled = await user('disabled');
  await call('PATCH', `/api/v1/users/${disabled.id}`, { active: false });
  worthless.set('a session of a user who is switched off', disabled.token);
  const deleted = await user('deleted');
  await call('DELETE', `/api/v1/users/${deleted.id}`);
  worthless.set('a session of a user who is gone', deleted.token);
  const revoked = await key({});
  await call('DELETE', `/api/v1/api-keys/${revoked.id}`);
  worthless.set('a revoked key', revoked.key);
  worthless.set('a key that is switched off', (await key({ active: false })).key);
}

/** Only the status: some answers never end. */
async function ask(method: string, path: string, body: object | undefined, token: string | null) {
  const giveUp = new AbortController();
  const response = await fetch(`${rig.origin}${path}`, {
    method,
    headers: { ...bearer(token), ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
    signal: giveUp.signal,
    ...(body === undefined ? {} : { body: JSON.stringify(body) }),
  });
  giveUp.abort();
  return response.status;
}

const named = () =>
  rig.kernel.routes().flatMap(({ method, path }) => {
    const name = `${method} ${path}`;
    const row = census[name];
    return row === undefined
      ? []
      : [{ name, method, row, path: `${path.replaceAll(/:\w+/g, 'missing')}${row.query ?? ''}` }];
  });

test('every route stands in the table, and nothing else does', () => {
  const mounted = rig.kernel.routes().map(({ method, path }) => `${method} ${path}`);
  expect(new Set(mounted)).toEqual(new Set([...Object.keys(census), ...Object.keys(elsewhere)]));
});

test('nothing but what is public answers to a credential that is none', { timeout: 120_000 }, async () => {
  const leaks: string[] = [];
  for (const { name, method, path, row } of named())
    for (const [what, token] of worthless) {
      const status = await ask(method, path, row.body?.('x'), token);
      if ((status !== 401) !== (row.need === 'public')) leaks.push(`${name} with ${what}: ${status}`);
    }
  expect(leaks).toEqual([]);
});

test('each role gets what it may and nothing else, by session and by key', { timeout: 120_000 }, async () => {
  const wrong: string[] = [];
  for (const { name, method, path, row } of named())
    for (const { role, kind, token } of holders) {
      // A sign-out would end what the next request needs.
      if (name === 'POST /api/v1/auth/logout') continue;
      const status = await ask(method, path, row.body?.(`${role}_${kind}`), token);
      const isLetIn = status !== 401 && status !== 403;
      if (isLetIn !== mayAsk(row.need, role, kind) || status >= 500)
        wrong.push(`${name} by the ${kind} of a ${role}: ${status}`);
    }
  expect(wrong).toEqual([]);
});
