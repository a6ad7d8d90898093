import { expect, test } from 'vitest';
import { questionOf } from './tree-tables.ts';

test('the question is the first paragraph of the first comment, in one line', () => {
  expect(questionOf('/** How? Like this. */\nimport x;')).toBe('How? Like this.');
  expect(questionOf('/**\n * Where do they\n * stand?\n *\n * More.\n */')).toBe('Where do they stand?');
});

test('a file that opens with anything else has no question', () => {
  expect(questionOf("import { x } from 'y';\n/** Late. */")).toBeNull();
  expect(questionOf('/** */')).toBeNull();
});
