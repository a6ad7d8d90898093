import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { readOffer } from './exports.ts';

function entryWith(files: Readonly<Record<string, string>>): string {
  const folder = mkdtempSync(join(tmpdir(), 'heldar-docs-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return join(folder, 'index.ts');
}

test('exports are read in the order of the entry, with the types behind them', () => {
  const entry = entryWith({
    'index.ts': `export { b, a } from './x.ts';\nexport type { T } from './x.ts';\nexport { z } from 'zod';\n`,
    'x.ts': `type Inner = 1;\ntype Behind = Inner;\nexport type T = Behind;\ntype Unused = 2;
export function a(): void {}\nexport const b = 'Unused';\n`,
  });
  const { modules, passedOn } = readOffer(entry);
  expect(modules.flatMap(({ offered }) => offered.map(({ name }) => name))).toEqual(['b', 'a', 'T']);
  expect(modules.flatMap(({ behind }) => behind.map(({ name }) => name))).toEqual(['Behind', 'Inner']);
  expect(passedOn).toEqual([{ name: 'z', from: 'zod' }]);
});

test('a name that its file does not declare is refused', () => {
  const entry = entryWith({ 'index.ts': `export { a } from './x.ts';\n`, 'x.ts': 'export type T = 1;\n' });
  expect(() => readOffer(entry)).toThrow('x.ts declares no a');
});
