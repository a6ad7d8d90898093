import { expect, test } from 'vitest';
import { replaceSection } from './section.ts';

const page = 'before\n\n<!-- routes:start by a script -->\n\nold\n\n<!-- routes:end -->\n\nafter\n';

test('what stands between the comments is replaced, the rest and the comments stay', () => {
  expect(replaceSection(page, 'routes', 'new\n')).toBe(page.replace('old', 'new'));
});

test('replacing with the same text changes nothing', () => {
  expect(replaceSection(page, 'routes', 'old')).toBe(page);
});

test('a page without the comments, or with them the wrong way round, is refused', () => {
  expect(() => replaceSection(page, 'tree', 'new')).toThrow('<!-- tree:start -->');
  expect(() => replaceSection('<!-- a:end -->\n<!-- a:start -->', 'a', 'new')).toThrow('in that order');
});
