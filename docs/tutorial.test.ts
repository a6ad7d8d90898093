/** Does docs/tutorial.md do what it says? Each of its commands, files, changes and outputs, in order, against the built packages. */
import { execFile } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { until } from '../kernel/test/until.ts';
import { buildPackages } from '../scripts/docs/tutorial/built-packages.ts';
import { differenceOf } from '../scripts/docs/tutorial/expected-output.ts';
import { readSteps, type Edit, type Step } from '../scripts/docs/tutorial/steps.ts';
import { openTerminal, type Terminal } from '../scripts/docs/tutorial/terminal.ts';

const root = fileURLToPath(new URL('..', import.meta.url));
const steps = readSteps(readFileSync(join(root, 'docs', 'tutorial.md'), 'utf8'));
/** What the page calls it; the test lets the system choose. */
const pagePort = '127.0.0.1:8000';
let folder: string;
let project: string;

beforeAll(async () => {
  folder = realpathSync(mkdtempSync(join(tmpdir(), 'heldar-tutorial-')));
  project = join(folder, 'parking');
  mkdirSync(join(folder, 'printed'));
  await buildPackages(join(folder, 'heldar'));
}, 120_000);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

test('every step of the tutorial does what the page says', { timeout: 240_000 }, async () => {
  const env = {
    PATH: process.env['PATH'],
    HELDAR: join(folder, 'heldar'),
    HELDAR_API_PORT: '0',
    NO_COLOR: '1',
  };
  await using terminal = openTerminal(folder, join(folder, 'printed'), env);
  // The page has steps of every kind.
  expect(new Set(steps.map(({ kind }) => kind)).size).toBe(5);
  let seen = 0;
  for (const step of steps) seen = await take(step, terminal, seen);
});

test('the plugin it ends with compiles, and does not with the mistake that the page tells to try', async () => {
  // Against the built packages, so not with the condition that leads to the sources.
  const compilerOptions = { customConditions: [], typeRoots: [join(root, 'node_modules', '@types')] };
  const config = { extends: join(root, 'docs', 'tsconfig.json'), compilerOptions, include: ['**/*.ts'] };
  save('tsconfig.json', JSON.stringify(config));
  const compiler = join(root, 'node_modules', 'typescript', 'bin', 'tsc');
  const compile = () => promisify(execFile)(process.execPath, [compiler, '-p', project]);
  await expect(compile()).resolves.toMatchObject({ stdout: '' });

  const plugin = readFileSync(join(project, 'src/index.ts'), 'utf8');
  const mistake = { from: "fx.emit('arrived', { plate })", to: "fx.emit('arrived', { plates: plate })" };
  save('src/index.ts', edited(plugin, mistake));
  await expect(compile()).rejects.toMatchObject({ stdout: expect.stringContaining("'plates'") });
});

/** `seen`: how much of what the running command printed was compared already. Answers it anew. */
async function take(step: Step, terminal: Terminal, seen: number): Promise<number> {
  switch (step.kind) {
    case 'file':
      save(step.path, step.text);
      return seen;
    case 'change':
      save(step.path, step.edits.reduce(edited, readFileSync(join(project, step.path), 'utf8')));
      return seen;
    case 'run':
      await runStep(step, terminal);
      return seen;
    case 'start':
      await terminal.start(step.command);
      return seen;
    case 'printed': {
      const next = () => terminal.printed().out.slice(seen).replaceAll(addressOf(terminal), pagePort);
      const last = () => next().trimEnd().split('\n').at(-1) ?? '';
      const look = () => differenceOf(step.output, withFilesOf(step.output.text, last()));
      await fits(look, terminal);
      return terminal.printed().out.length;
    }
  }
}

/** Saves that follow each other fast are told together: the page names the last one, which has to be among them. */
function withFilesOf(page: string, printed: string): string {
  const filesOf = (line: string) => / {2}\(([^)]+)\)$/.exec(line.trimEnd())?.[1] ?? '';
  const [wanted, told] = [filesOf(page), filesOf(printed)];
  const isAmong = wanted !== '' && wanted.split(', ').every((file) => told.split(', ').includes(file));
  return isAmong ? printed.replace(told, wanted) : printed;
}

function edited(text: string, { from, to }: Edit): string {
  const parts = text.split(from);
  expect(parts, `one passage in the file is\n${from}`).toHaveLength(2);
  return parts.join(to);
}

async function runStep({ commands, output }: Step & { kind: 'run' }, terminal: Terminal): Promise<void> {
  const run = async () => terminal.run(commands.replaceAll(pagePort, addressOf(terminal)));
  if (output === null) await run();
  // What follows from a detection follows soon, not at once, and a question can be asked again.
  else if (commands.startsWith('curl ')) await fits(async () => differenceOf(output, await run()), terminal);
  else expect(differenceOf(output, await run())).toBeNull();
}

async function fits(look: () => string | null | Promise<string | null>, terminal: Terminal): Promise<void> {
  let difference: string | null = null;
  const isSo = async () => (difference = await look()) === null;
  await until('what the page says', isSo, 60_000).catch((cause: unknown) => {
    throw new Error(`${difference}\n${terminal.printed().err}`, { cause });
  });
}

/** In one step: a file that is half written would be taken for a save. */
function save(path: string, text: string): void {
  mkdirSync(dirname(join(project, path)), { recursive: true });
  writeFileSync(join(folder, 'saving'), text);
  renameSync(join(folder, 'saving'), join(project, path));
}

/** Where the kernel of the running command listens. */
function addressOf(terminal: Terminal): string {
  return /127\.0\.0\.1:\d+/.exec(terminal.printed().out)?.[0] ?? pagePort;
}
