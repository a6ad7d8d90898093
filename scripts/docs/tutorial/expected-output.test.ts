import { expect, test } from 'vitest';
import { differenceOf } from './expected-output.ts';

const text = (expected: string, printed: string) => differenceOf({ format: 'text', text: expected }, printed);
const json = (expected: unknown, printed: unknown) =>
  differenceOf({ format: 'json', text: JSON.stringify(expected) }, JSON.stringify(printed));

test('durations may differ, and an ellipsis stands for anything', () => {
  expect(text('✔ reloaded in 5.0 ms  (a.ts)\n', '✔ reloaded in 214 ms  (a.ts)')).toBeNull();
  expect(text('…\nDone in 812ms\n…', 'a\nb\nDone in 1.5s\n')).not.toBeNull();
  expect(text('…\nDone in 812ms\n…', 'a\nb\nDone in 15ms\nc')).toBeNull();
});

test('other text may not, and both are shown', () => {
  expect(text('2 passed\n', '1 passed\n')).toContain('1 passed');
  expect(text('reloaded (a.ts)', 'reloaded (abts)')).toContain('(abts)');
  expect(text('all', 'all of it')).not.toBeNull();
});

test('JSON is compared by its values; an ellipsis stands for any value, not for a missing one', () => {
  expect(json([{ id: '…', n: 1 }], [{ n: 1, id: 'x' }])).toBeNull();
  expect(json([{ id: '…' }], [{}])).not.toBeNull();
  expect(json([{ id: 'x' }], [{ id: 'x', more: 1 }])).not.toBeNull();
  expect(json([1, 2], [2, 1])).not.toBeNull();
  expect(differenceOf({ format: 'json', text: '{}' }, 'curl: (7)')).toContain('curl: (7)');
});
