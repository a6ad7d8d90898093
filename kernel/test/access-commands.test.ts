/** The operator at the machine makes users and keys without a credential, also while the kernel runs. */
import { spawn } from 'node:child_process';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { folderWith, type TemporaryFolder } from './folder-with.ts';
import { runHeldar, startHeldar, type RunningHeldar } from './heldar-command.ts';

const bin = fileURLToPath(new URL('../bin/heldar.mjs', import.meta.url));
const env = { HELDAR_AUTH_ENABLED: 'true' };

let folder: TemporaryFolder;
let heldar: RunningHeldar;
beforeAll(async () => {
  folder = folderWith({ 'heldar.config.ts': 'export default {};\n' });
  heldar = await startHeldar(folder.path, ['--no-supervise'], env);
});
afterAll(async () => {
  await heldar.stop();
  folder[Symbol.dispose]();
});

const run = (...args: string[]) => runHeldar(folder.path, args, env);

async function signIn(username: string, password: string) {
  const response = await fetch(`${heldar.origin}/api/v1/auth/login`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ username, password }),
  });
  return { status: response.status, body: (await response.json()) as { token?: string } };
}

async function me(token: string | undefined) {
  const response = await fetch(`${heldar.origin}/api/v1/auth/me`, {
    headers: { authorization: `Bearer ${token}` },
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const passwordIn = (out: string) => /^password: (\S+)$/m.exec(out)?.[1] ?? '';

describe('heldar user', () => {
  test('makes the first administrator, whose password it makes up', async () => {
    expect(await run('user', 'list')).toMatchObject({
      code: 0,
      out: expect.stringContaining('there is no user'),
    });
    const added = await run('user', 'add', 'ada', '--role', 'admin');
    expect(added).toMatchObject({
      code: 0,
      out: expect.stringContaining('ada may sign in, with the role admin'),
    });
    const { status, body } = await signIn('ada', passwordIn(added.out));
    expect(status).toBe(200);
    expect((await me(body.token)).body).toMatchObject({ name: 'ada', role: 'admin' });
    expect((await run('user', 'list')).out).toMatch(/^ada +admin +active +all$/m);
    expect(await run('user', 'add', 'ADA')).toMatchObject({
      code: 1,
      err: expect.stringContaining('already'),
    });
  });

  test('gives another password, switches off and on; what runs is signed out', async () => {
    await run('user', 'add', 'eve');
    const reset = async () => passwordIn((await run('user', 'reset-password', 'Eve')).out);
    const first = (await signIn('eve', await reset())).body.token;
    expect((await me(first)).status).toBe(200);
    const second = await reset();
    expect((await me(first)).status).toBe(401);
    expect((await run('user', 'disable', 'eve')).code).toBe(0);
    expect((await signIn('eve', second)).status).toBe(401);
    expect((await run('user', 'enable', 'eve')).code).toBe(0);
    expect((await signIn('eve', second)).status).toBe(200);
    expect(await run('user', 'disable', 'nobody')).toMatchObject({ code: 2 });
    // The last one who could administer stays.
    expect(await run('user', 'disable', 'ada')).toMatchObject({
      code: 1,
      err: expect.stringContaining('last active administrator'),
    });
  });

  test('takes a password from standard input, never as an argument', async () => {
    const child = spawn(
      process.execPath,
      ['--conditions=heldar-source', bin, 'user', 'add', 'bob', '--password-stdin'],
      { cwd: folder.path, env: { PATH: process.env['PATH'], ...env }, stdio: ['pipe', 'pipe', 'inherit'] },
    );
    child.stdin.end('typed by hand\n');
    expect(await text(child.stdout)).not.toContain('typed by hand');
    expect((await signIn('bob', 'typed by hand')).status).toBe(200);
    expect((await run('user', 'add', '--help')).out).not.toMatch(/--password <|--password=/);
  });

  test('says what can not be', async () => {
    expect(await run('user', 'add', 'x', '--role', 'root')).toMatchObject({ code: 2 });
    expect(await run('user', 'add', 'x', '--cameras', 'attic')).toMatchObject({
      code: 2,
      err: expect.stringContaining('there is no camera attic'),
    });
    using empty = folderWith({ 'heldar.config.ts': 'export default {};\n' });
    expect(await runHeldar(empty.path, ['user', 'list'])).toMatchObject({
      code: 2,
      err: expect.stringMatching(/there is no database .*\n {2}next: run heldar migrate up/),
    });
  });
});

test('heldar key makes a key that works at once, and ends it', async () => {
  const { code, out: key } = await run('key', 'create', 'worker', '--grants', 'ingest', '--days', '30');
  expect({ code, key }).toEqual({ code: 0, key: expect.stringMatching(/^vok_[0-9a-f]{64}\n$/) });
  const found = await me(key.trim());
  expect(found.body).toMatchObject({ name: 'worker', role: 'integration', kind: 'api_key' });
  const listed = await run('key', 'list');
  expect(listed.out).toMatch(/worker +vok_[0-9a-f]{8}… +integration \(ingest\) +all/);
  expect(listed.out).not.toContain(key.trim());
  expect((await run('key', 'revoke', String(found.body['id']))).code).toBe(0);
  expect((await me(key.trim())).status).toBe(401);
  expect(await run('key', 'revoke', 'key_none')).toMatchObject({ code: 1 });
  expect(await run('key', 'create', 'x', '--grants', 'all')).toMatchObject({ code: 2 });
});

test('other commands ask a kernel with sign-in by the key in the environment', async () => {
  const refused = await run('parked', 'list', '--url', heldar.origin);
  expect(refused).toMatchObject({ code: 1, err: expect.stringContaining('set HELDAR_API_KEY') });
  const { out: key } = await run('key', 'create', 'operator', '--role', 'admin');
  expect(
    await runHeldar(folder.path, ['parked', 'list', '--url', heldar.origin], {
      ...env,
      HELDAR_API_KEY: key.trim(),
    }),
  ).toMatchObject({
    code: 0,
    out: 'nothing is parked\n',
  });
});

describe('heldar audit', () => {
  test('verifies the log while the kernel runs, and names what was changed in it', async () => {
    await run('user', 'add', 'grace');
    const whole = await run('audit', 'verify');
    expect(whole).toMatchObject({
      code: 0,
      out: expect.stringMatching(/✔ \d+ rows since .*\nend: \d+:[0-9a-f]{64}\n/),
    });
    const known = /^end: (.*)$/m.exec(whole.out)?.[1] ?? '';
    expect(await run('audit', 'verify', '--known', known)).toMatchObject({ code: 0 });
    const db = new Database(folder.file('data/heldar.db'));
    expect(
      db.prepare(`SELECT actor, actor_name AS name FROM audit WHERE action = 'create_user'`).get(),
    ).toEqual({
      actor: 'system',
      name: expect.stringMatching(/ at the machine$/),
    });
    db.exec(`UPDATE audit SET actor_name = 'nobody' WHERE seq = 1`);
    db.close();
    expect(await run('audit', 'verify')).toMatchObject({ code: 1, out: expect.stringContaining('✘ row 1 ') });
    expect(await run('audit', 'verify', '--known', 'x')).toMatchObject({
      code: 2,
      err: expect.stringContaining('--known'),
    });
  });
});

describe('heldar secrets', () => {
  test('waits for the kernel to be stopped, then seals everything with another key', async () => {
    expect(await run('secrets', 'rekey')).toMatchObject({ code: 1, err: expect.stringContaining('in use') });
    await heldar.stop();
    expect(await run('secrets', 'rekey')).toMatchObject({
      code: 0,
      out: expect.stringMatching(
        /\d+ secrets are sealed with key [0-9a-f]{8} now; backups from before need key/,
      ),
    });
    heldar = await startHeldar(folder.path, ['--no-supervise'], env);
  });
});
