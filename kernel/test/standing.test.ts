/** What is being sent ends soon after its caller has lost the right to it, and not before. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { bearer, signInEnv, tokenOf } from './signed-in.ts';

/** What docs/security.md promises, ms. */
const promisedMs = 2000;

let rig: KernelRig;
let admin: Record<string, string>;
beforeAll(async () => {
  rig = await startRig({ cameras: [], env: signInEnv });
  admin = bearer(await tokenOf(rig));
  await call('POST', '/api/v1/cameras', { id: 'gate', name: 'gate', record_enabled: false });
});
afterAll(() => rig[Symbol.asyncDispose]());

const call = async (method: string, path: string, body?: object) =>
  (await rig.call(method, path, body, admin)).body as Record<string, string>;

let users = 0;
/** A user with a session and an event stream that is open. */
async function streaming() {
  const username = `user${(users += 1)}`;
  const { id } = await call('POST', '/api/v1/users', { username, password: 'long enough' });
  const token = await tokenOf(rig, { username, password: 'long enough' });
  return { id: id ?? '', token, ...(await open(token)) };
}

async function open(token: string) {
  const response = await fetch(`${rig.origin}/api/v1/events/stream`, { headers: bearer(token) });
  expect(response.status).toBe(200);
  const reader = response.body?.getReader();
  /** How long the stream goes on from now, ms. */
  const endsAfter = async () => {
    const from = performance.now();
    try {
      for (let read = await reader?.read(); read?.done === false; read = await reader?.read());
    } catch {
      // Cut off.
    }
    return performance.now() - from;
  };
  return { endsAfter, close: () => reader?.cancel() };
}

test.each([
  ['another password', (id: string) => call('PATCH', `/api/v1/users/${id}`, { password: 'another one' })],
  ['being switched off', (id: string) => call('PATCH', `/api/v1/users/${id}`, { active: false })],
  ['being deleted', (id: string) => call('DELETE', `/api/v1/users/${id}`)],
  ['other cameras', (id: string) => call('PATCH', `/api/v1/users/${id}`, { camera_ids: ['gate'] })],
] as const)('after %s an open stream ends within two seconds', async (_, withdraw) => {
  const { id, endsAfter } = await streaming();
  const ended = endsAfter();
  await withdraw(id);
  expect(await ended).toBeLessThan(promisedMs);
});

test('after sign-out, and with a key that is revoked or may no longer view', async () => {
  const { token, endsAfter } = await streaming();
  const ended = endsAfter();
  await rig.call('POST', '/api/v1/auth/logout', undefined, bearer(token));
  expect(await ended).toBeLessThan(promisedMs);
  for (const withdraw of [
    (id: string) => call('DELETE', `/api/v1/api-keys/${id}`),
    (id: string) => call('PATCH', `/api/v1/api-keys/${id}`, { grants: ['ingest'] }),
  ]) {
    const { id, key } = await call('POST', '/api/v1/api-keys', { name: 'reader' });
    const stream = await open(key ?? '');
    const cut = stream.endsAfter();
    await withdraw(id ?? '');
    expect(await cut).toBeLessThan(promisedMs);
  }
});

test('what changes nothing of the right leaves the stream open', async () => {
  const { id, endsAfter, close } = await streaming();
  const ended = endsAfter();
  await call('PATCH', `/api/v1/users/${id}`, { display_name: 'Somebody' });
  const first = await Promise.race([
    ended,
    new Promise((resolve) => setTimeout(resolve, promisedMs, 'open')),
  ]);
  expect(first).toBe('open');
  await close();
});
