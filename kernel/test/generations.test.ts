/** Is a disposed generation of a plugin gone, whatever it had plugged in? */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';

interface Seen {
  /** Definitions, their data and their generations that the collector could not take, of all. */
  readonly alive: number;
  readonly of: number;
  readonly rows: { n: number };
  readonly before: Counts;
  readonly after: Counts;
  readonly warnings: string[];
}

interface Counts {
  readonly resources: Record<string, number>;
  readonly listeners: number;
  /** Bytes. */
  readonly heap: number;
}

async function runGenerations(...args: string[]): Promise<Seen> {
  return (await runFixture('generations', args)) as Seen;
}

async function runFixture(name: string, args: readonly string[]): Promise<unknown> {
  const script = fileURLToPath(new URL(`./fixtures/${name}.ts`, import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [
    '--expose-gc',
    '--conditions=heldar-source',
    script,
    ...args,
  ]);
  return JSON.parse(stdout) as unknown;
}

test('of 200 generations nothing is left alive, no timer and no listener, and each batch had its effect once', async () => {
  const { alive, of, rows, before, after, warnings } = await runGenerations('200');
  expect({ alive, of }).toEqual({ alive: 0, of: 600 });
  expect(rows.n).toBe(2 * 210);
  expect(warnings).toEqual([]);
  expect(after.listeners).toBe(before.listeners);
  for (const [resource, count] of Object.entries(after.resources))
    expect(count, resource).toBeLessThanOrEqual(before.resources[resource] ?? 0);
  // Each generation holds 160 KB of its own: a hundredth of that is what may be kept for one.
  expect((after.heap - before.heap) / 200).toBeLessThan(16_000);
});

test('the data of one that is not disposed is seen', async () => {
  const { alive, of } = await runGenerations('5', 'leak');
  expect({ alive, of }).toEqual({ alive: 10, of: 15 });
});

test('of a plugin that is reloaded in a running kernel only the generation that serves is left, the one of the start included', async () => {
  expect(await runFixture('reloaded-generations', ['5'])).toEqual({ alive: 1, of: 6 });
});
