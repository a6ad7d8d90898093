import { expect, test } from 'vitest';
import { type Codemod, nothing } from './codemod.ts';
import { addFile } from './edits.ts';
import { planUpdate } from './plan-update.ts';
import { compareVersions } from './template-mark.ts';

const project = (version: string) =>
  new Map([['package.json', JSON.stringify({ heldar: { template: { name: 'app', version } } })]]);

const adds = (number: number, version: string, more: Partial<Codemod> = {}): Codemod => ({
  number,
  version,
  gains: `file ${number}`,
  apply: (files) => addFile(files, `${number}.txt`, ''),
  ...more,
});

const codemods = [
  adds(1, '0.2.0'),
  adds(2, '0.10.0', { templates: ['consumer'] }),
  adds(3, '0.10.0'),
  adds(4, '0.10.0', { apply: () => nothing }),
  adds(5, '0.10.0', { apply: () => ({ changed: new Map(), left: 'do it' }) }),
];

test('a project goes through the codemods of newer versions that concern its template, and is marked last', () => {
  const { steps, changed, to } = planUpdate(project('0.1.0'), codemods, '0.10.0');
  expect(steps.map(({ codemod, left }) => [codemod.number, left])).toEqual([
    [1, null],
    [3, null],
    [5, 'do it'],
  ]);
  expect([...changed.keys()]).toEqual(['1.txt', '3.txt', 'package.json']);
  expect(JSON.parse(changed.get('package.json') ?? '')).toEqual({ heldar: { template: to } });
  expect(planUpdate(project('0.2.0'), codemods, '0.10.0').steps.map(({ codemod }) => codemod.number)).toEqual(
    [3, 5],
  );
});

test('one that is up to date is left alone', () => {
  expect(planUpdate(project('0.10.0'), codemods, '0.10.0')).toMatchObject({ steps: [], changed: new Map() });
});

test.for([
  [new Map<string, string>(), /no package\.json/, /update <folder>/],
  [new Map([['package.json', '{']]), /is not JSON/, /correct it/],
  [new Map([['package.json', '[]']]), /heldar\.template is missing/, /add "template"/],
  [
    new Map([['package.json', '{"heldar":{"template":{"name":"x","version":"1.0.0"}}}']]),
    /'x'/,
    /consumer, app/,
  ],
  [project('next'), /'next' is no version/, /such as "0\.1\.0"/],
  [project('1.0.0'), /from the templates 1\.0\.0; this command knows them up to 0\.10\.0/, /@latest/],
] as const)('%s is refused with what to do', ([files, what, next]) => {
  expect(() => planUpdate(files, codemods, '0.10.0')).toThrow(
    expect.objectContaining({ message: expect.stringMatching(what), next: expect.stringMatching(next) }),
  );
});

test('versions are compared by their numbers', () => {
  expect(['0.10.0', '0.2.0', '1.0.0', '0.2.1'].toSorted(compareVersions)).toEqual([
    '0.2.0',
    '0.2.1',
    '0.10.0',
    '1.0.0',
  ]);
  expect(compareVersions('1.0', '1.0.0')).toBe(0);
});
