import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { projectWith } from './test/project.ts';
import type { Project } from './test/project.ts';

const realPath = { PATH: process.env['PATH'] ?? '' };

/** Says that it is ready, writes down each signal, and takes a while to end after the first. */
const patient = `
  import { appendFileSync, writeFileSync } from 'node:fs';
  let told = 0;
  for (const signal of ['SIGINT', 'SIGTERM'])
    process.on(signal, () => {
      appendFileSync('signals', signal + '\\n');
      told += 1;
      if (told === 1) setTimeout(() => { writeFileSync('closed', ''); process.exit(0); }, 400);
    });
  setTimeout(() => process.exit(99), 30_000);
  console.log('ready');
`;

/** A project that is set up, so that only the script is left to run. */
async function projectRunning(scripts: Record<string, string>): Promise<Project> {
  const project = projectWith(
    { scripts },
    {
      'echo.mjs': `console.log(JSON.stringify(process.argv.slice(2))); process.exit(Number(process.env.CODE ?? 0));`,
      'patient.mjs': patient,
      'package-lock.json': '{ "lockfileVersion": 3, "packages": {} }',
      'node_modules/.package-lock.json': '{ "lockfileVersion": 3, "packages": {} }',
    },
  );
  for (const name of ['ffmpeg', 'ffprobe']) project.program(name);
  return project;
}

describe.each([
  ['one plain command', { echo: 'node echo.mjs a', wait: 'node patient.mjs' }],
  ['several commands', { echo: 'true && node echo.mjs a', wait: 'true && node patient.mjs' }],
])('a script of %s', (_, scripts) => {
  const env = { PATH: `${join(process.execPath, '..')}:${realPath.PATH}` };

  test('gets the arguments, and its exit code is ours', async () => {
    using project = await projectRunning(scripts);
    const outcome = await project.setup(['--run', 'echo', '--port', '3', 'two words', '--for'], {
      ...env,
      CODE: '7',
    });
    expect(outcome).toMatchObject({ code: 7, out: '["a","--port","3","two words","--for"]\n' });
  });

  test.each(['SIGINT', 'SIGTERM'] as const)('gets %s once, and has ended when setup ends', async (signal) => {
    using project = await projectRunning(scripts);
    const running = project.start(['--run', 'wait'], env);
    await running.says('ready');
    running.child.kill(signal);
    await running.ended;
    expect(existsSync(join(project.path, 'closed'))).toBe(true);
    expect(readFileSync(join(project.path, 'signals'), 'utf8')).toBe(`${signal}\n`);
  });

  test('is told to end when npm has ended the shell that started setup', async () => {
    using project = await projectRunning(scripts);
    const shell = ['/bin/sh', '-c', '"$@"; true', 'sh'];
    const running = project.start(['--run', 'wait'], { ...env, npm_lifecycle_event: 'start' }, shell);
    await running.says('ready');
    running.child.kill('SIGTERM');
    // Its output closes when the last process that holds it has ended.
    await running.ended;
    expect(readFileSync(join(project.path, 'signals'), 'utf8')).toBe('SIGTERM\n');
    expect(existsSync(join(project.path, 'closed'))).toBe(true);
  });
});

test('a plain command that ends well after a signal gives its own exit code', async () => {
  using project = await projectRunning({ wait: 'node patient.mjs' });
  const running = project.start(['--run', 'wait']);
  await running.says('ready');
  running.child.kill('SIGINT');
  expect(await running.ended).toMatchObject({ code: 0, signal: null });
});

test('a script with one that runs before it goes through npm', async () => {
  using project = await projectRunning({ preecho: 'node echo.mjs first', echo: 'node echo.mjs a' });
  expect(await project.setup(['--run', 'echo'], realPath)).toMatchObject({
    code: 0,
    out: '["first"]\n["a"]\n',
  });
});

test('a script that is not there is told with those that are', async () => {
  using project = await projectRunning({ echo: 'node echo.mjs' });
  expect(await project.setup(['--run', 'ehco'])).toMatchObject({
    code: 1,
    err: '✖ package.json has no script ehco\n  next: one of these: echo\n',
  });
});
