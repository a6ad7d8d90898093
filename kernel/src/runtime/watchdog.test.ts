import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { runFixture } from './fixtures/run-fixture.ts';
import { takeBlockedReport, type BlockedReport } from './watchdog.ts';

const spinFile = fileURLToPath(new URL('./fixtures/plugin/spin.ts', import.meta.url));

async function block(way: string) {
  using folder = folderWith({});
  const file = folder.file('blocked.json');
  const { signal, err } = await runFixture('./blocked.ts', file, way);
  const report = existsSync(file) ? (JSON.parse(readFileSync(file, 'utf8')) as BlockedReport) : null;
  return { signal, err, report };
}

test.for([
  [
    'marked',
    { plugin: 'parking', label: 'parking.visits', place: null },
    '✖ parking.visits has blocked the event loop for',
  ],
  [
    'after an await',
    { plugin: 'spinner', label: 'spinner', place: expect.stringContaining(`${spinFile}:4:`) },
    `✖ spinner has blocked the event loop for`,
  ],
  [
    'marked as another',
    { plugin: 'spinner', label: 'spinner', place: expect.stringContaining(`${spinFile}:4:`) },
    '✖ spinner has blocked the event loop for',
  ],
  [
    'in native code',
    { plugin: 'parking', label: 'parking.visits' },
    '✖ parking.visits has blocked the event loop for',
  ],
  [
    'nested',
    { plugin: 'parking', label: 'parking.visits' },
    '✖ parking.visits has blocked the event loop for',
  ],
  ['by nobody', { plugin: null, label: null, place: null }, '✖ the event loop has been blocked for'],
] as const)(
  'an event loop blocked %s ends the process, and the report says by whom',
  async ([way, expected, said]) => {
    const { signal, err, report } = await block(way);
    expect(signal).toBe('SIGKILL');
    expect(report).toMatchObject(expected);
    expect(report?.blockedMs).toBeGreaterThanOrEqual(400);
    expect(err).toContain(said);
  },
);

test('work that may block is let be, and what blocks behind it is not', async () => {
  using folder = folderWith({});
  const { signal, out, err } = await runFixture('./blocked.ts', folder.file('blocked.json'), 'allowed');
  expect({ signal, out }).toEqual({ signal: 'SIGKILL', out: 'still here\n' });
  expect(Number(/for (\d+) ms/.exec(err)?.[1])).toBeLessThan(1500);
});

test('a process that was stopped as a whole is not taken for a blocked one', async () => {
  using folder = folderWith({});
  const file = folder.file('blocked.json');
  const script = fileURLToPath(new URL('./fixtures/blocked.ts', import.meta.url));
  const child = spawn(process.execPath, ['--conditions=heldar-source', script, file, 'stopped'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  child.stdout.setEncoding('utf8');
  await once(child.stdout, 'data');
  child.kill('SIGSTOP');
  await new Promise((resolve) => setTimeout(resolve, 1500));
  child.kill('SIGCONT');
  const said = child.stdout.toArray() as Promise<string[]>;
  const [code, signal] = (await once(child, 'exit')) as [number | null, string | null];
  expect({ code, signal, said: (await said).join('') }).toEqual({
    code: 0,
    signal: null,
    said: 'still here\n',
  });
  expect(existsSync(file)).toBe(false);
});

test('a report is taken once; one that is cut off is no report', () => {
  using folder = folderWith({
    'blocked.json': '{"plugin":"parking","label":null,"place":null,"blockedMs":1,"at":2}',
    'cut.json': '{"pl',
  });
  expect(takeBlockedReport(folder.file('blocked.json'))).toMatchObject({ plugin: 'parking' });
  expect(takeBlockedReport(folder.file('blocked.json'))).toBeNull();
  expect(takeBlockedReport(folder.file('cut.json'))).toBeNull();
  expect(existsSync(folder.file('cut.json'))).toBe(false);
});
