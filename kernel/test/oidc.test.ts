/** People sign in at another server, in a browser, and get here what their groups there give them. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startRig, type KernelRig } from './kernel-rig.ts';
import { launchBrowser } from './system-browser.ts';

let provider: ChildProcess;
let browser: Browser;
let rig: KernelRig;

/** A port that is free now: the provider has to know where it sends people back to before the kernel listens. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

beforeAll(async () => {
  const origin = `http://127.0.0.1:${await freePort()}`;
  provider = spawn(
    process.execPath,
    [fileURLToPath(new URL('oidc-provider.ts', import.meta.url)), `${origin}/api/v1/auth/oidc/callback`],
    { stdio: ['ignore', 'pipe', 'ignore', 'ipc'] },
  );
  const lines = createInterface({ input: provider.stdout as NodeJS.ReadableStream });
  const [issuer] = (await once(lines, 'line')) as [string];
  browser = await launchBrowser();
  rig = await startRig({
    cameras: [],
    env: {
      HELDAR_API_PORT: new URL(origin).port,
      HELDAR_AUTH_ENABLED: 'true',
      HELDAR_BOOTSTRAP_ADMIN_USER: 'local',
      HELDAR_BOOTSTRAP_ADMIN_PASSWORD: 'correct horse',
      HELDAR_PUBLIC_URL: origin,
      HELDAR_OIDC_ISSUER: issuer,
      HELDAR_OIDC_CLIENT_ID: 'heldar',
      HELDAR_OIDC_CLIENT_SECRET: 'the secret of the client',
      HELDAR_OIDC_ROLES: 'nvr-admins=admin,staff=guard',
    },
  });
});
afterAll(async () => {
  await rig[Symbol.asyncDispose]();
  await browser.close();
  provider.kill();
});

/** As a person does: to the sign-in server, a name and a password there, consent, and back. */
async function signInAs(name: string): Promise<Page> {
  const page = await (await browser.newContext()).newPage();
  await page.goto(`${rig.origin}/api/v1/auth/oidc/login?return_to=/api/v1/auth/me`);
  await page.fill('input[name=login]', name);
  await page.fill('input[name=password]', 'anything');
  await page.click('button[type=submit]');
  await page.click('button[type=submit]');
  return page;
}

async function shown(page: Page): Promise<Record<string, unknown>> {
  await page.waitForURL(`${rig.origin}/**`);
  await page.waitForFunction(`document.body.innerText.startsWith('{')`);
  return JSON.parse(await page.innerText('body')) as Record<string, unknown>;
}

test('who signs in there is signed in here, with the role of the first group that gives one', async () => {
  const ada = await shown(await signInAs('ada'));
  expect(ada).toMatchObject({ name: 'ada of the other server', role: 'admin', kind: 'user' });
  expect(await shown(await signInAs('bob'))).toMatchObject({ role: 'guard' });
  // The same account the next time.
  expect((await shown(await signInAs('ada')))['id']).toBe(ada['id']);
  const actions = rig.sql<{ action: string }>(
    `SELECT action FROM audit WHERE action <> 'create_user' ORDER BY seq`,
  );
  expect(actions.map(({ action }) => action)).toEqual([
    'federate_user',
    'login',
    'federate_user',
    'login',
    'login',
  ]);
});

test('a role that was changed here follows the groups again, and ends what was open', async () => {
  const page = await signInAs('bob');
  const { id } = await shown(page);
  const login = await rig.call('POST', '/api/v1/auth/login', {
    username: 'local',
    password: 'correct horse',
  });
  const admin = { authorization: `Bearer ${(login.body as { token: string }).token}` };
  await rig.call('PATCH', `/api/v1/users/${String(id)}`, { role: 'manager' }, admin);
  await page.reload();
  expect(await shown(page)).toEqual({ error: 'invalid or expired credentials' });
  expect(await shown(await signInAs('bob'))).toMatchObject({ id, role: 'guard' });
  await rig.call('PATCH', `/api/v1/users/${String(id)}`, { active: false }, admin);
  expect(await shown(await signInAs('bob'))).toEqual({ error: expect.stringContaining('switched off') });
});

test('who is in no group that counts is told so, and nobody gets the account of a name', async () => {
  expect(await shown(await signInAs('eve'))).toEqual({ error: expect.stringContaining('no group') });
  const login = await rig.call('POST', '/api/v1/auth/login', {
    username: 'local',
    password: 'correct horse',
  });
  const admin = { authorization: `Bearer ${(login.body as { token: string }).token}` };
  const made = { username: 'carol', password: 'long enough' };
  expect((await rig.call('POST', '/api/v1/users', made, admin)).status).toBe(201);
  expect((await rig.call('POST', '/api/v1/auth/login', { username: 'ada', password: '!' })).status).toBe(401);
});

test('a way back that was not begun here, or was changed, lets nobody in', async () => {
  // Failures of earlier tests are forgotten.
  await rig.clock.advance(16 * 60_000);
  const begun = await fetch(`${rig.origin}/api/v1/auth/oidc/login`, { redirect: 'manual' });
  expect(begun.status).toBe(302);
  const to = new URL(begun.headers.get('location') ?? '');
  expect(to.searchParams.get('code_challenge_method')).toBe('S256');
  const cookie = begun.headers.get('set-cookie')?.split(';')[0] ?? '';
  expect(begun.headers.get('set-cookie')).toContain('HttpOnly; SameSite=Lax; Path=/api/v1/auth/oidc');
  const state = to.searchParams.get('state') ?? '';
  const back = async (query: string, headers: Record<string, string>) =>
    (await fetch(`${rig.origin}/api/v1/auth/oidc/callback?${query}`, { headers, redirect: 'manual' })).status;
  expect(await back(`code=x&state=${state}`, {})).toBe(401);
  expect(await back(`code=x&state=${state}`, { cookie: `${cookie}A` })).toBe(401);
  expect(await back('code=x&state=another', { cookie })).toBe(401);
  expect(await back(`code=made-up&state=${state}`, { cookie })).toBe(401);
});

test('nobody is sent elsewhere afterwards', async () => {
  for (const path of ['//evil.example', '/\\evil.example', 'https://evil.example', 'docs']) {
    const { status } = await rig.call('GET', `/api/v1/auth/oidc/login?return_to=${encodeURIComponent(path)}`);
    expect([path, status]).toEqual([path, 400]);
  }
});
