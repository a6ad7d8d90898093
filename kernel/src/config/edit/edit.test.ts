import * as fc from 'fast-check';
import { parseSync } from 'oxc-parser';
import { describe, expect, test } from 'vitest';
import { HeldarError } from '../../errors.ts';
import { addEntry, type NewEntry } from './add-entry.ts';
import { printValue } from './print-value.ts';
import { removeEntry } from './remove-entry.ts';

const ppe: NewEntry = { specifier: '@acme/ppe', config: undefined, canImportSdk: false };
const file = 'heldar.config.ts';

async function added(text: string, entry: NewEntry = ppe): Promise<string | null> {
  return (await addEntry(file, text, entry)).text;
}

const sdk = `import { defineConfig, use } from '@heldar/plugin-sdk';\n`;

/** Each with the entry in it between `‹` and `›`: what is added, and nothing else is changed. */
const layouts: readonly [string, string][] = [
  ['an empty list', `${sdk}export default defineConfig({ plugins: [‹use(() => import('@acme/ppe'))›] });\n`],
  [
    'an empty list with a space',
    `${sdk}export default defineConfig({ plugins: [‹ use(() => import('@acme/ppe'))› ] });\n`,
  ],
  [
    'an empty list with a comment',
    `${sdk}export default defineConfig({ plugins: [/* none yet */‹ use(() => import('@acme/ppe'))›] });\n`,
  ],
  [
    'an empty list over several lines',
    `${sdk}export default defineConfig({\n  plugins: [\n    // add yours here\n‹    use(() => import('@acme/ppe')),\n›  ],\n});\n`,
  ],
  [
    'a list on one line',
    `${sdk}export default defineConfig({ plugins: ['a', zones()‹, use(() => import('@acme/ppe'))›] });\n`,
  ],
  [
    'a list on one line with a last comma',
    `${sdk}export default defineConfig({ plugins: ['a',‹ use(() => import('@acme/ppe')),›] });\n`,
  ],
  [
    'a comment behind the last one',
    `${sdk}export default { plugins: ['a' /* first */‹, use(() => import('@acme/ppe'))›] };\n`,
  ],
  [
    'a line for each',
    `${sdk}export default defineConfig({\n  plugins: [\n    'a',\n    use(() => import('b'), {\n      x: 1,\n    }), // why\n‹    use(() => import('@acme/ppe')),\n›  ],\n});\n`,
  ],
  [
    'a line for each without a last comma',
    `${sdk}export default defineConfig({\n  plugins: [\n    'a',\n    'b'‹,› // why, [really]\n‹    use(() => import('@acme/ppe'))\n›    // the end\n  ]\n});\n`,
  ],
  [
    'several on a line',
    `${sdk}export default defineConfig({\n  plugins: [\n    'a', 'b',\n    'c', 'd',\n‹    use(() => import('@acme/ppe')),\n›  ],\n});\n`,
  ],
  [
    'options over several lines in a list that is not',
    `${sdk}export default defineConfig({\n  plugins: [use(() => import('b'), {\n    x: 1,\n  })‹, use(() => import('@acme/ppe'))›],\n});\n`,
  ],
  [
    'a comment over lines behind the last one',
    `${sdk}export default {\n  plugins: [\n    'a', /* of\n    old */\n‹    use(() => import('@acme/ppe')),\n›  ],\n};\n`,
  ],
  ['a spread list', `${sdk}export default { plugins: [...base, 'a'‹, use(() => import('@acme/ppe'))›] };\n`],
  ['no list', `${sdk}export default defineConfig({‹ plugins: [use(() => import('@acme/ppe'))] ›});\n`],
  [
    'no list among other members',
    `${sdk}export default defineConfig({ siteId: 'a'‹, plugins: [use(() => import('@acme/ppe'))]› });\n`,
  ],
  [
    'no list among other lines',
    `${sdk}export default defineConfig({\n  extends: './base.ts',\n  api: { port: 1 },\n‹  plugins: [use(() => import('@acme/ppe'))],\n›});\n`,
  ],
  [
    'satisfies',
    `import { use, type HeldarConfig } from '@heldar/plugin-sdk';\nexport default {\n  plugins: ['a'‹, use(() => import('@acme/ppe'))›],\n} satisfies HeldarConfig;\n`,
  ],
  [
    'a constant',
    `${sdk}const plugins = ['a'‹, use(() => import('@acme/ppe'))›] as const;\nconst config = { plugins };\nexport default defineConfig(config);\n`,
  ],
  [
    'a spread constant',
    `${sdk}const base = { plugins: ['a'‹, use(() => import('@acme/ppe'))›] };\nexport default { ...base, siteId: 'a' };\n`,
  ],
  ['a quoted key', `${sdk}export default { 'plugins': [‹use(() => import('@acme/ppe'))›] };\n`],
  [
    'double quotes and no semicolons',
    `import { use } from "@heldar/plugin-sdk"\nexport default { plugins: ["a"‹, use(() => import("@acme/ppe"))›] }\n`,
  ],
  [
    'tabs',
    `${sdk}export default {\n\tplugins: [\n\t\t'a',\n‹\t\tuse(() => import('@acme/ppe')),\n›\t],\n};\n`,
  ],
  [
    'four spaces',
    `${sdk}export default {\n    plugins: [\n‹        use(() => import('@acme/ppe')),\n›    ],\n};\n`,
  ],
  [
    'line ends of Windows',
    `import { use } from '@heldar/plugin-sdk';\r\nexport default {\r\n  plugins: [\r\n    'a',\r\n‹    use(() => import('@acme/ppe')),\r\n›  ],\r\n};\r\n`,
  ],
  [
    'an alias',
    `import { use as plugin } from '@heldar/plugin-sdk';\nexport default { plugins: ['a'‹, plugin(() => import('@acme/ppe'))›] };\n`,
  ],
  [
    'a namespace',
    `import * as heldar from '@heldar/plugin-sdk';\nexport default { plugins: ['a'‹, heldar.use(() => import('@acme/ppe'))›] };\n`,
  ],
  [
    'an import without use',
    `import { defineConfig‹, use› } from '@heldar/plugin-sdk';\nexport default defineConfig({ plugins: ['a'‹, use(() => import('@acme/ppe'))›] });\n`,
  ],
  [
    'an import without use over several lines',
    `import {\n  defineConfig,\n‹  use,\n›} from '@heldar/plugin-sdk';\nexport default defineConfig({ plugins: [‹use(() => import('@acme/ppe'))›] });\n`,
  ],
  [
    'another thing called use',
    `import { defineConfig‹, use as usePlugin› } from '@heldar/plugin-sdk';\nimport { use } from './mine.ts';\nexport default defineConfig({ plugins: [use()‹, usePlugin(() => import('@acme/ppe'))›] });\n`,
  ],
  ['no import of the SDK', `export default { plugins: ['a'‹, '@acme/ppe'›] };\n`],
  [
    'a byte order mark and other scripts',
    `\uFEFF/* 店 🏪 */ ${sdk}export default { siteId: '店🏪', plugins: ['a'‹, use(() => import('@acme/ppe'))›] };\n`,
  ],
];

describe('a plugin is added and the rest stays', () => {
  test.for(layouts)('%s', async ([, marked]) => {
    const before = marked.replaceAll(/‹[^›]*›/g, '');
    const after = marked.replaceAll(/[‹›]/g, '');
    expect(await added(before)).toBe(after);
  });

  test.for(layouts.filter(([name]) => !name.startsWith('no list')))(
    'and taken out again: %s',
    async ([, marked]) => {
      const before = marked.replaceAll(/‹[^›]*›/g, '');
      const after = marked.replaceAll(/[‹›]/g, '');
      const other = otherUse(before, after);
      const removed = await removeEntry(file, after + other, lastIndex(after));
      // What a spread brings is known only when it runs.
      expect(removed.text).toBe(after.includes('[...base') ? null : before + other);
    },
  );

  test('an import of its own, where the file imports nothing of the SDK', async () => {
    const entry = { ...ppe, canImportSdk: true };
    const line = `import { use } from '@heldar/plugin-sdk';`;
    expect(await added(`export default { plugins: [] };\n`, entry)).toBe(
      `${line}\n\nexport default { plugins: [use(() => import('@acme/ppe'))] };\n`,
    );
    expect(await added(`/** A site. */\nexport default { plugins: [] };\n`, entry)).toBe(
      `/** A site. */\n${line}\n\nexport default { plugins: [use(() => import('@acme/ppe'))] };\n`,
    );
    const typed = `import type { HeldarConfig } from '@heldar/plugin-sdk'; // types\n`;
    const config = `\nexport default { plugins: [] } satisfies HeldarConfig;\n`;
    const edited = await added(`${typed}${config}`, entry);
    expect(edited).toBe(`${typed}${line}\n${config.replace('[]', `[use(() => import('@acme/ppe'))]`)}`);
    expect((await removeEntry(file, edited ?? '', 0)).text).toBe(`${typed}${config}`);
  });

  test('options are written as its author would', async () => {
    const config = {
      graceMinutes: 10,
      'no-show': [true, null],
      text: `it's "so"\n`,
      smtp: { host: 'mail' },
      none: {},
    };
    expect(await added(`${sdk}export default { plugins: [] };`, { ...ppe, config })).toContain(
      `use(() => import('@acme/ppe'), { graceMinutes: 10, 'no-show': [true, null], text: 'it\\'s "so"\\n', smtp: { host: 'mail' }, none: {} })`,
    );
  });
});

describe('a composition that is computed is left alone, with what to add and where', () => {
  test.for([
    ['the list of plugins', `export default { plugins: all.filter(Boolean) };`, 'all.filter'],
    ['the list of plugins', `export default { get plugins() { return []; } };`, 'plugins'],
    ['the list of plugins', `let plugins = [];\nexport default { plugins };`, 'plugins }'],
    ['a part of the composition', `export default { siteId: 'a', ...base };`, '...base'],
    ['the name of a member', `export default { [key]: [] };`, '[key]'],
    ['the composition', `export default makeConfig({ plugins: [] });`, 'makeConfig'],
    ['what it exports by default', `export const config = { plugins: [] };`, 'export const'],
  ] as const)('%s: %s', async ([what, text, place]) => {
    const said = await addEntry(file, text, ppe);
    expect(said).toEqual({
      text: null,
      what,
      code: `use(() => import('@acme/ppe'))`,
      at: expect.any(Number),
    });
    expect(said.text === null && text.slice(said.at).startsWith(place === 'plugins' ? '()' : place)).toBe(
      true,
    );
  });

  test('one that does not parse is an error', async () => {
    await expect(added('export default {')).rejects.toThrow(HeldarError);
  });
});

describe('a plugin is taken out', () => {
  const take = async (list: string, index: number) =>
    (await removeEntry(file, `export default { plugins: ${list} };`, index)).text;
  test.for<[string, number, string]>([
    ['[a]', 0, '[]'],
    ['[a, b]', 0, '[b]'],
    ['[a, b, c]', 1, '[a, c]'],
    ['[a, b,\n c]', 1, '[a,\n c]'],
    ['[\n  a, // first\n  b,\n]', 0, '[\n  b,\n]'],
    ['[\n  a,\n  // of b\n  b\n]', 1, '[\n  a\n  // of b\n]'],
    ['[\n  use(() => import("x"), {\n    y: 1,\n  }),\n  b,\n]', 0, '[\n  b,\n]'],
  ])('%j without its member %i is %j', async ([list, index, left]) => {
    expect(await take(list, index)).toBe(`export default { plugins: ${left} };`);
  });

  test('with all that was imported from one module for it, and no import for its side effects', async () => {
    const text = `import './telemetry.ts';\nimport { gate, limits } from './gate.ts';\n\nexport default { plugins: ['a', gate(limits)] };\n`;
    expect((await removeEntry(file, text, 1)).text).toBe(
      `import './telemetry.ts';\n\nexport default { plugins: ['a'] };\n`,
    );
  });

  test('with the import that only it used', async () => {
    const text = `import { defineConfig } from '@heldar/plugin-sdk';\nimport zones from '@heldar/plugin-zones';\nimport gate, { limits } from './gate.ts';\n\nexport default defineConfig({ plugins: [zones({ hours: limits.hours }), gate(limits)] });\n`;
    expect((await removeEntry(file, text, 0)).text).toBe(
      text
        .replace(`import zones from '@heldar/plugin-zones';\n`, '')
        .replace('zones({ hours: limits.hours }), ', ''),
    );
  });
});

test('whatever the layout: lines are only added, it parses to one entry more, and taking that out gives the bytes back', async () => {
  await fc.assert(
    fc.asyncProperty(composition, fc.option(options, { nil: undefined }), async (before, config) => {
      const after = (await added(before, { ...ppe, config })) ?? '';
      const [shapeBefore, shapeAfter] = [shapeOf(before), shapeOf(after)];
      expect(shapeAfter.slice(0, -1)).toEqual(shapeBefore);
      expect(shapeAfter.at(-1)).toContain('@acme/ppe');
      expect(isSubsequence(before, after)).toBe(true);
      expect((await removeEntry(file, after, shapeBefore.length)).text).toBe(before);
    }),
    { numRuns: 300 },
  );
});

test('a value that is written reads as the same value', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom("'" as const, '"' as const), (value, quote) => {
      // oxlint-disable-next-line no-implied-eval, typescript/no-unsafe-call -- what is printed is code; this reads it
      const read: unknown = new Function(`return (${printValue(value, quote)});`)();
      expect(JSON.stringify(read)).toBe(JSON.stringify(value));
    }),
  );
});

const options = fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 1 }), { maxKeys: 3 });

/** Compositions as people and formatters lay them out. */
const composition = fc
  .record({
    eol: fc.constantFrom('\n', '\r\n'),
    indent: fc.constantFrom('  ', '    ', '\t'),
    quote: fc.constantFrom("'", '"'),
    semicolon: fc.constantFrom(';', ''),
    lastComma: fc.boolean(),
    isBroken: fc.boolean(),
    imports: fc.constantFrom('{ defineConfig, use }', '{ defineConfig }', '{defineConfig}', '* as sdk'),
    entries: fc.array(
      fc.constantFrom('zones()', 'QaQ', 'use(() => import(Q./b.tsQ), { x: [1, 2] })', '/* of [old, */ gate'),
      { maxLength: 3 },
    ),
    comments: fc.array(fc.constantFrom('', ' // why, [really]', ' /* ], */'), { minLength: 3, maxLength: 3 }),
    wrap: fc.constantFrom(
      (object: string) => `defineConfig(${object})`,
      (object: string) => object,
      (object: string) => `${object} satisfies HeldarConfig`,
      (object: string) => `(${object})`,
    ),
    before: fc.constantFrom('', 'api: { port: 1 },', '/* plugins: [], */'),
    after: fc.constantFrom('', 'development: { plugins: { zones: false } },'),
  })
  .map(
    ({
      eol,
      indent,
      quote,
      semicolon,
      lastComma,
      isBroken,
      imports,
      entries,
      comments,
      wrap,
      before,
      after,
    }) => {
      const comma = (index: number) => (lastComma || index < entries.length - 1 ? ',' : '');
      const list = isBroken
        ? [
            '[',
            ...entries.map(
              (entry, index) => `${indent}${indent}${entry}${comma(index)}${comments[index] ?? ''}`,
            ),
            `${indent}]`,
          ]
        : [`[${entries.map((entry, index) => `${entry}${comma(index)}`).join(' ')}]`];
      const object = [
        '{',
        ...(before === '' ? [] : [`${indent}${before}`]),
        `${indent}plugins: ${list.join('\n')},`,
        ...(after === '' ? [] : [`${indent}${after}`]),
        '}',
      ];
      const text = [
        '/** A site: [its] plugins. */',
        `import ${imports} from Q@heldar/plugin-sdkQ${semicolon}`,
        `import zones from Q@heldar/plugin-zonesQ${semicolon}`,
        '',
        `export default ${wrap(object.join('\n'))}${semicolon}`,
        `export { zones }${semicolon}`,
        `export const calls = [${imports.includes('use') ? 'use' : imports === '* as sdk' ? 'sdk' : ''}]${semicolon}`,
        '',
      ];
      return text.join('\n').replaceAll('Q', quote).replaceAll('\n', eol);
    },
  );

/** The source of each entry, as the parser sees it. */
function shapeOf(text: string): string[] {
  const { program, errors } = parseSync(file, text);
  expect(errors).toEqual([]);
  const found: string[] = [];
  JSON.stringify(program, (key, value: unknown) => {
    const property = value as {
      key?: { name?: string };
      value?: { type?: string; elements?: { start: number; end: number }[] };
    } | null;
    if (property?.key?.name === 'plugins' && property.value?.type === 'ArrayExpression')
      for (const { start, end } of property.value.elements ?? []) found.push(text.slice(start, end));
    return value;
  });
  return found;
}

/** Is `text` left when characters of `longer` are taken out? */
function isSubsequence(text: string, longer: string): boolean {
  let at = 0;
  for (const character of longer)
    if (character === text.slice(at, at + character.length)) at += character.length;
  return at === text.length;
}

/** A line that uses what an entry calls, where it was imported before: what nothing uses goes with the entry. */
function otherUse(before: string, after: string): string {
  const [, called = 'use'] = /(\w+)(?:\.use)?\(\(\) => import\(['"]@acme/.exec(after) ?? [];
  return new RegExp(`import.*\\b${called}\\b.*plugin-sdk`).test(before) ? `void ${called};\n` : '';
}

/** Of the entry that was added. */
function lastIndex(text: string): number {
  const { program } = parseSync(file, text);
  let last = -1;
  JSON.stringify(program, (_, value: unknown) => {
    const array = value as { type?: string; elements?: { start: number; end: number }[] } | null;
    const at =
      array?.type === 'ArrayExpression'
        ? (array.elements?.findIndex(({ start, end }) => text.slice(start, end).includes('@acme/ppe')) ?? -1)
        : -1;
    if (at !== -1) last = at;
    return value;
  });
  return last;
}
