import { expect, test } from 'vitest';
import { createBootTrace } from './boot-trace.ts';

function create() {
  let now = 0;
  const trace = createBootTrace(() => now);
  return { trace, pass: (ms: number) => void (now += ms) };
}

test('steps are a tree with the time of each, synchronous or not', async () => {
  const { trace, pass } = create();
  pass(5);
  await trace.step('plugins', async () => {
    expect(trace.step('pre-flight', () => pass(2) ?? 'fine')).toBe('fine');
    await Promise.resolve();
    await trace.step('import zones', async () => {
      await Promise.resolve();
      pass(30);
    });
  });
  trace.step('listen', () => pass(1));
  expect(trace.print().split('\n')).toEqual([
    '    38.0 ms  boot',
    '    32.0 ms    plugins',
    '     2.0 ms      pre-flight',
    '    30.0 ms      import zones',
    '     1.0 ms    listen',
  ]);
  expect(trace.totalMs).toBe(38);
});

test('a step that fails is marked, passes its error on, and the next is beside it', async () => {
  const { trace, pass } = create();
  expect(() =>
    trace.step('lock', () => {
      pass(1);
      throw new Error('taken');
    }),
  ).toThrow('taken');
  await expect(trace.step('store', () => Promise.reject(new Error('full')))).rejects.toThrow('full');
  trace.step('listen', () => undefined);
  expect(trace.print()).toMatch(/✖ lock\n.*✖ store\n.* {2}listen$/);
});
