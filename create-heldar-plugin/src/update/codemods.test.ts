import { readdirSync } from 'node:fs';
import { expect, test } from 'vitest';
import { renameIn } from '../create/render-project.ts';
import { inWordsOf } from '../package-manager.ts';
import type { Files } from '../files.ts';
import { codemods } from './codemods.ts';
import { buildBeforePacking } from './codemods/0003-build-before-packing.ts';
import { buildInCheck } from './codemods/0004-build-in-check.ts';
import { conformanceTest } from './codemods/0001-conformance-test.ts';
import { minuteForEachTest } from './codemods/0002-minute-for-each-test.ts';
import { statedCapabilities } from './codemods/0005-stated-capabilities.ts';
import { readReleased } from '../../test/released-templates.ts';
import { compareVersions } from './template-mark.ts';

const workflow = '.github/workflows/check.yml';
const preview: Files = new Map(
  [...(await readReleased('0.0.1', 'consumer'))].map(([path, text]) => [
    path,
    renameIn(text, { name: 'gate', packageName: 'gate' }),
  ]),
);
const withFile = (path: string, text: string): Files => new Map([...preview, [path, text]]);

test('numbers rise by one, versions never fall, and each has its file', () => {
  expect(codemods.map(({ number }) => number)).toEqual(codemods.map((_, index) => index + 1));
  const versions = codemods.map(({ version }) => version);
  expect(versions).toEqual(versions.toSorted(compareVersions));
  const names = readdirSync(new URL('codemods/', import.meta.url));
  expect(names.map((name) => Number(name.slice(0, 4)))).toEqual(codemods.map(({ number }) => number));
});

test.for(codemods)('$number a project that has gained "$gains" does not gain it again', (codemod) => {
  const { changed } = codemod.apply(preview);
  expect(changed.size).toBe(1);
  const again = codemod.apply(new Map([...preview, ...changed]));
  expect(again).toEqual({ changed: new Map(), left: null });
});

test('1: a project that examines its plugin elsewhere keeps to that', () => {
  const own = withFile(
    'test/all.test.ts',
    "import { conformance } from '@heldar/kernel/testing/conformance';",
  );
  expect(conformanceTest.apply(own).changed.size).toBe(0);
});

test('2: a configuration of tests is its author’s', () => {
  expect(minuteForEachTest.apply(withFile('vite.config.mts', '')).changed.size).toBe(0);
});

test('3: a step before packing is its author’s', () => {
  const own = withFile('package.json', '{ "scripts": { "prepack": "make" } }');
  expect(buildBeforePacking.apply(own).changed.size).toBe(0);
});

test('4: the check builds after its tests, in the words of the package manager', () => {
  const text = preview.get(workflow) ?? '';
  expect(buildInCheck.apply(preview).changed.get(workflow)).toBe(`${text}      - run: npm run build\n`);
  const pnpm = inWordsOf('pnpm', text);
  expect(buildInCheck.apply(withFile(workflow, pnpm)).changed.get(workflow)).toBe(
    `${pnpm}      - run: pnpm run build\n`,
  );
});

test('4: a check that was changed is left to its author, one that builds or is gone is done', () => {
  const own = (preview.get(workflow) ?? '').replace('npm test', 'npm test -- --coverage');
  expect(buildInCheck.apply(withFile(workflow, own))).toEqual({
    changed: new Map(),
    left: `${workflow}: add the step \`- run: npm run build\``,
  });
  const builds = withFile(workflow, `${own}      - run: npm run --silent build\n`);
  expect(buildInCheck.apply(builds)).toEqual({ changed: new Map(), left: null });
  const without = new Map([...preview].filter(([path]) => path !== workflow));
  expect(buildInCheck.apply(without)).toEqual({ changed: new Map(), left: null });
});

const stated = (files: Files) =>
  (JSON.parse(files.get('package.json') ?? '{}') as { heldar?: { capabilities?: unknown } }).heldar
    ?.capabilities;
const withSource = (text: string) => statedCapabilities.apply(withFile('src/index.ts', text));

test('5: package.json states what the code names', () => {
  expect(stated(statedCapabilities.apply(preview).changed)).toEqual(['events:emit']);
  const lines = `  capabilities: [\n    'events:read',\n    "http:outbound",\n  ],\n`;
  expect(stated(withSource(lines).changed)).toEqual(['events:read', 'http:outbound']);
  expect(stated(withSource(`  name: 'gate',\n`).changed)).toEqual([]);
});

test('5: what only running the code would tell is left to its author, unless it is stated', () => {
  const computed = '  capabilities: own,\n';
  expect(withSource(computed)).toEqual({
    changed: new Map(),
    left: expect.stringContaining('"capabilities"') as string,
  });
  const own = new Map([
    ['src/index.ts', computed],
    ['package.json', '{ "heldar": { "capabilities": [] } }'],
  ]);
  expect(statedCapabilities.apply(own)).toEqual({ changed: new Map(), left: null });
});
