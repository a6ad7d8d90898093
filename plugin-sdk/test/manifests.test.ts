/** Does a wrong manifest fail to compile, at its place and with the name of what is wrong, and does no right one? */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { compileManifests, manifests, type Diagnostic } from './compile-manifests.ts';

let diagnostics: Diagnostic[];
beforeAll(async () => {
  diagnostics = await compileManifests();
}, 120_000);

describe('what does not compile:', () => {
  test.for(filesIn('wrong').map((file) => [questionOf(file), file] as const))('%s', ([, file]) => {
    const expected = expectationsIn(file);
    expect(expected.length).toBeGreaterThan(0);
    const found = diagnostics.filter((diagnostic) => diagnostic.file === file);
    expect(found.map(({ line }) => line)).toEqual(expected.map(({ line }) => line));
    for (const [index, { texts }] of expected.entries())
      for (const text of texts) expect(toldBy(found[index])).toContain(text);
  });
});

describe('what compiles:', () => {
  test.for(filesIn('right').map((file) => [questionOf(file), file] as const))('%s', ([, file]) => {
    expect(diagnostics.filter((diagnostic) => diagnostic.file === file)).toEqual([]);
  });
});

test('nothing else is told', () => {
  const known = new Set([...filesIn('wrong'), ...filesIn('right')]);
  expect(diagnostics.filter(({ file }) => !known.has(file))).toEqual([]);
});

/** The message, and the code that its caret points at: of a value of the wrong type the compiler shows the member instead of naming it. */
function toldBy(diagnostic: Diagnostic | undefined): string {
  if (diagnostic === undefined) return '';
  const { file, line, column, message } = diagnostic;
  const code = readFileSync(join(manifests, file), 'utf8').split('\n')[line - 1] ?? '';
  return `${message}\n^ ${/^[\w'".]+/.exec(code.slice(column - 1))?.[0] ?? ''}`;
}

interface Expectation {
  /** The line below the comment. */
  readonly line: number;
  /** All of them stand in the message. */
  readonly texts: readonly string[];
}

/** `// expect: 'counts' | JournalEvent` in the line above an error. */
function expectationsIn(file: string): Expectation[] {
  return readFileSync(join(manifests, file), 'utf8')
    .split('\n')
    .flatMap((line, index) => {
      const text = /^ *\/\/ expect: (.+)$/.exec(line)?.[1];
      return text === undefined ? [] : [{ line: index + 2, texts: text.split(' | ') }];
    });
}

function questionOf(file: string): string {
  return /^\/\*\* (.+) \*\/$/m.exec(readFileSync(join(manifests, file), 'utf8'))?.[1] ?? file;
}

function filesIn(folder: string): string[] {
  return readdirSync(join(manifests, folder)).map((name) => `${folder}/${name}`);
}
