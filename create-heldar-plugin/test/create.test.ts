/** What does the command ask, refuse, make and say? */
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import process from 'node:process';
import { PassThrough } from 'node:stream';
import { execa } from 'execa';
import { expect, onTestFinished, test } from 'vitest';
import { until } from '../../kernel/test/until.ts';
import { createProject } from '../src/create/create-project.ts';
import { terminalQuestions } from '../src/create/questions.ts';
import { runMain } from './run-main.ts';

const quick = ['--yes', '--no-install', '--no-git'];

function emptyFolder(): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-create-')));
  onTestFinished(() => rmSync(folder, { recursive: true, force: true, maxRetries: 3 }));
  return folder;
}

test('with --yes a folder is enough, and the next three commands are told', async () => {
  const cwd = emptyFolder();
  const { code, out, err } = await runMain(['sites/heldar-parking', ...quick], cwd);
  expect({ code, err }).toEqual({ code: 0, err: [] });
  expect(out).toEqual([
    `✔ parking: 12 files from the template consumer in ${join(cwd, 'sites/heldar-parking')}`,
    '',
    'Next:',
    '  cd sites/heldar-parking',
    '  npm install',
    '  npm run dev',
  ]);
  expect(packageIn(join(cwd, 'sites/heldar-parking'))).toMatchObject({
    name: 'heldar-plugin-parking',
    license: 'Apache-2.0',
    heldar: { name: 'parking', template: { name: 'consumer' } },
  });
});

test('every question has a flag', async () => {
  const cwd = emptyFolder();
  const flags = ['--name', 'gate', '--package', '@acme/gate', '--template', 'app', '--license', 'MIT'];
  const { code, out } = await runMain(
    ['.', ...flags, '--package-manager', 'pnpm', '--git', '--no-install'],
    cwd,
  );
  expect(code).toBe(0);
  expect(out.slice(-3)).toEqual(['  pnpm install', '  pnpm run dev', '  pnpm run test']);
  expect(packageIn(cwd)).toMatchObject({ name: '@acme/gate', license: 'MIT', heldar: { name: 'gate' } });
  expect(existsSync(join(cwd, '.git'))).toBe(true);
  expect(existsSync(join(cwd, 'migrations/0001_visits.sql'))).toBe(true);
});

test.for([
  [
    [],
    [
      'the folder \\(the first argument\\) and --template are missing',
      '--template consumer\\|app\\|handler\\|worker',
    ],
  ],
  [['parking'], ['--template is missing', 'or --yes']],
  [['--template', 'app'], ['the folder \\(the first argument\\) is missing']],
  [
    ['parking', '--template', 'plugin'],
    ["--template: there is no 'plugin'", 'consumer, app, handler, worker'],
  ],
  [
    ['parking', '--license', 'GPL', '--yes'],
    ["--license: there is no 'GPL'", 'Apache-2.0, MIT, UNLICENSED'],
  ],
  [['parking', '--package-manager', 'deno', '--yes'], ["--package-manager: there is no 'deno'"]],
  [
    ['Parking', '--yes'],
    ["'Parking' has to be lower-case letters", 'with --name'],
  ],
  [['parking', '--name', 'kernel', '--yes'], ["--name: 'kernel' is the kernel's own name"]],
  [['parking', '--package', 'A', '--yes'], ["--package: 'A' is no name of an npm package"]],
  [
    ['parking', '--tempalte', 'app'],
    ["unknown option '--tempalte'", 'Did you mean --template'],
  ],
] as const)('%s is refused, with nobody to ask, and nothing is written', async ([args, told]) => {
  const cwd = emptyFolder();
  const { code, err } = await runMain(args, cwd);
  expect(code).toBe(1);
  for (const text of told) expect(err.join('\n')).toMatch(new RegExp(text));
  expect(readdirSync(cwd)).toEqual([]);
});

test('a folder that holds files is refused, unless told; an empty repository is as good as empty', async () => {
  const cwd = emptyFolder();
  mkdirSync(join(cwd, 'parking'));
  writeFileSync(join(cwd, 'parking/notes.txt'), 'mine');
  writeFileSync(join(cwd, 'parking/README.md'), 'mine');
  const refused = await runMain(['parking', ...quick], cwd);
  expect(refused).toMatchObject({
    code: 1,
    err: [
      expect.stringMatching(/parking is not empty: it holds README\.md, notes\.txt\n {2}next: .*--force/),
    ],
  });
  expect(readdirSync(join(cwd, 'parking'))).toHaveLength(2);
  expect((await runMain(['parking', ...quick, '--force'], cwd)).code).toBe(0);
  expect(readFileSync(join(cwd, 'parking/notes.txt'), 'utf8')).toBe('mine');
  expect(readFileSync(join(cwd, 'parking/README.md'), 'utf8')).toContain('# parking');

  writeFileSync(join(cwd, 'file'), '');
  expect((await runMain(['file', ...quick], cwd)).err.join()).toMatch(/file is a file/);
  await execa('git', ['init', '--quiet', 'fresh'], { cwd });
  expect((await runMain(['fresh', ...quick], cwd)).code).toBe(0);
});

test('within a repository no other one is made, unless told', async () => {
  const cwd = emptyFolder();
  const flags = ['--yes', '--no-install'];
  await runMain(['alone', ...flags], cwd);
  expect(existsSync(join(cwd, 'alone/.git'))).toBe(true);
  await runMain(['alone/inner', ...flags], cwd);
  expect(existsSync(join(cwd, 'alone/inner/.git'))).toBe(false);
  await runMain(['alone/other', ...flags, '--git'], cwd);
  expect(existsSync(join(cwd, 'alone/other/.git'))).toBe(true);
});

test('packages that can not be installed leave the project there, and the command to repeat', async () => {
  const cwd = emptyFolder();
  // An empty cache, and no network.
  const npm = { offline: 'true', cache: join(cwd, 'cache'), loglevel: 'silent' };
  const env = {
    PATH: process.env['PATH'],
    ...Object.fromEntries(Object.entries(npm).map(([name, value]) => [`npm_config_${name}`, value])),
  };
  const { code, out, err } = await runMain(['parking', '--yes', '--no-git'], cwd, { env });
  expect(code).toBe(1);
  expect(err.join()).toMatch(/packages are not installed: npm install ended with \d+[^]*next: /);
  expect(out.slice(-3)).toEqual(['  cd parking', '  npm install', '  npm run dev']);
  expect(existsSync(join(cwd, 'parking/package.json'))).toBe(true);
});

test('at a terminal all is asked: enter takes what is suggested', async () => {
  const { session, cwd } = startSession(undefined);
  await session.answer('In which folder?', './parking', '\r');
  await session.answer('What is it called?', 'kernel', '\r');
  await session.answer("is the kernel's own name", '\b\b\b\b\b\b', 'gate', '\r');
  await session.answer('What does it do?', '\u001B[B', '\r');
  await session.answer('Which package manager?', '\r');
  await session.answer('Which licence?', '\r');
  await session.answer('Make it a git repository?', '\r');
  await session.answer('Install its packages?', 'n');
  expect(await session.ended).toBe(0);
  expect(existsSync(join(cwd, 'parking/.git'))).toBe(true);
  expect(packageIn(join(cwd, 'parking'))).toMatchObject({
    heldar: { name: 'gate', template: { name: 'app' } },
  });
});

test('somebody who cancels gets nothing', async () => {
  const { session, cwd } = startSession('parking');
  await session.answer('What is it called?', '\u0003');
  await expect(session.ended).rejects.toThrow('nothing was made');
  expect(readdirSync(cwd)).toEqual([]);
});

/** The command at a terminal that this test types at. */
function startSession(folder: string | undefined) {
  const cwd = emptyFolder();
  const input = new PassThrough();
  const output = new PassThrough();
  let shown = '';
  output.on('data', (text: Buffer) => (shown += text.toString()));
  const surroundings = {
    cwd,
    env: { PATH: process.env['PATH'] },
    isInteractive: true,
    year: 2026,
    print: () => {},
    complain: () => {},
  };
  const ended = createProject(folder, {}, surroundings, terminalQuestions({ input, output }));
  ended.catch(() => {});
  const answer = async (question: string, ...keys: readonly string[]) => {
    await until(`the question "${question}" (shown: ${shown})`, () => shown.includes(question));
    shown = '';
    for (const key of keys) input.write(key);
  };
  return { cwd, session: { answer, ended } };
}

function packageIn(folder: string): unknown {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));
}
