import { expect, test } from 'vitest';
import { parseModule } from './declarations.ts';

const one = (source: string) => parseModule('a.ts', source).declarations[0];

test('a function is shown without its body, with the comment above it', () => {
  const source = `/** Which file? */

/**
 * Adds.
 *
 * @throws RangeError when it is too much
 */
export function add(a: number, b = 1): number {
  return a + b;
}
`;
  expect(parseModule('a.ts', source)).toEqual({
    comment: 'Which file?',
    declarations: [
      {
        name: 'add',
        isType: false,
        isExported: true,
        comment: 'Adds.\n\n@throws RangeError when it is too much',
        code: 'export function add(a: number, b = 1): number;',
      },
    ],
  });
});

test('a type keeps the comments of its members, a class loses the bodies of its methods', () => {
  expect(one('interface A {\n  /** ms */\n  readonly a: number;\n}')?.code).toContain('/** ms */');
  const text = one(
    'export class B {\n  readonly b = 1;\n  constructor(b: number) {\n    this.b = b;\n  }\n}',
  )?.code;
  expect(text).toBe('export class B {\n  readonly b = 1;\n  constructor(b: number);\n}');
});

test('a comment that belongs to something else is not taken, hints for the linter are left out', () => {
  expect(one('/** The file. */\nimport a from "a";\n\nexport type A = 1;')?.comment).toBe('');
  const hinted =
    '/** Any. */\n// oxlint-disable-next-line no-explicit-any -- why\nexport type A = any; // oxlint-disable-line x';
  expect(one(hinted)).toMatchObject({ comment: 'Any.', code: 'export type A = any;' });
});
