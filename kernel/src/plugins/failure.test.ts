import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { describeFailure, failure, failureLine, placeOf } from './failure.ts';

const next = 'mend it';

/** An error with the stack that V8 would give it. */
function errorAt(message: string, ...lines: string[]): Error {
  const error = new Error(message);
  error.stack = [`Error: ${message}`, ...lines.map((line) => `    at ${line}`)].join('\n');
  return error;
}

test('the place is the innermost line in the plugin’s folder, with the line itself', () => {
  using folder = folderWith({ 'p/index.js': 'const a = 1;\n  throw new Error(a);\n' });
  const error = errorAt(
    'boom',
    'Module.run (node:internal/modules/run:1:1)',
    'Object.parse (/site/node_modules/lib/index.js:9:9)',
    `setup (${pathToFileURL(folder.file('p/index.js')).href}:2:9)`,
    `async later (${folder.file('p/other.js')}:7:1)`,
  );
  expect(failure('setup', error, next, { folder: folder.file('p') })).toEqual({
    stage: 'setup',
    reason: 'boom',
    place: `${folder.file('p/index.js')}:2:9`,
    frame: '2 │   throw new Error(a);\n  │         ^',
    next,
  });
});

test('a folder whose name begins alike is another', () => {
  const error = errorAt('boom', 'run (/site/parking-lot/a.js:1:1)', 'run (/site/parking/b.js:2:2)');
  expect(placeOf(error, '/site/parking')).toBe('/site/parking/b.js:2:2');
});

test('the place of a syntax error is the head of its stack', () => {
  const error = new SyntaxError('Unexpected token');
  error.stack = `file:///site/my%20plugin/a.ts:3\n  a b\n    ^\n\nSyntaxError: Unexpected token\n    at compile (node:internal/x:1:1)`;
  expect(placeOf(error, '/site/my plugin')).toBe('/site/my plugin/a.ts:3');
});

test('a line without a column is marked as a whole', () => {
  using folder = folderWith({ 'a.ts': 'const a = 1;\n  enum A { b }\n' });
  const error = new SyntaxError('no enum');
  error.stack = `${folder.file('a.ts')}:2\nSyntaxError: no enum`;
  expect(failure('import', error, next, { folder: folder.path })).toMatchObject({
    place: `${folder.file('a.ts')}:2`,
    frame: '2 │   enum A { b }\n  │   ^^^^^^^^^^^^',
  });
});

test('without a line of its own the first that is neither Node’s, the kernel’s nor a dependency’s is told', () => {
  const error = errorAt(
    'boom',
    `start (${import.meta.filename}:1:1)`,
    'x (/site/node_modules/lib/a.js:1:1)',
    'compose (/site/heldar.config.ts:4:2)',
  );
  expect(placeOf(error, '/elsewhere')).toBe('/site/heldar.config.ts:4:2');
  expect(placeOf(errorAt('boom', 'x (/site/node_modules/lib/a.js:1:1)'), null)).toBeNull();
  expect(placeOf('a text', null)).toBeNull();
  expect(placeOf({ stack: 7 }, null)).toBeNull();
});

test('a missing module is placed where it is imported', () => {
  using folder = folderWith({ 'p/index.js': "import './a.js';\nimport x from '@acme/none';\n" });
  const error = Object.assign(
    errorAt(`Cannot find package '@acme/none' imported from ${folder.file('p/index.js')}`),
    { code: 'ERR_MODULE_NOT_FOUND' },
  );
  expect(failure('import', error, next)).toMatchObject({
    place: `${folder.file('p/index.js')}:2:22`,
    frame: `2 │ import x from '@acme/none';\n  │                      ^`,
  });
});

test('a place that is given is not looked for', () => {
  const error = errorAt('boom', 'x (/site/a.js:1:1)');
  expect(failure('manifest', error, next, { place: null })).toMatchObject({ place: null, frame: null });
  expect(failure('config', error, next, { place: 'heldar.config.ts:3:1', frame: '3 │ x' })).toMatchObject({
    place: 'heldar.config.ts:3:1',
    frame: '3 │ x',
  });
});

test('the terminal shows what, where and what to do', () => {
  const told = {
    stage: 'config',
    reason: 'config.graceMinutes: expected number, got "10"',
    place: 'heldar.config.ts:7:49',
    frame: '7 │ use(…)\n  │     ^',
    next: 'write a number without quotes',
  } as const;
  expect(describeFailure('parking', '1.2.0', told, 3)).toBe(
    [
      '✖ parking 1.2.0 failed to start — the other 3 plugins are serving',
      '  config.graceMinutes: expected number, got "10"',
      '    heldar.config.ts:7:49',
      '    7 │ use(…)',
      '      │     ^',
      '  next: write a number without quotes',
    ].join('\n'),
  );
  expect(describeFailure('./parking.ts', '', { ...told, place: null, frame: null }, 1)).toBe(
    [
      '✖ ./parking.ts failed to start — the other 1 plugin is serving',
      '  config.graceMinutes: expected number, got "10"',
      '  next: write a number without quotes',
    ].join('\n'),
  );
  expect(describeFailure('p', '1.0.0', told, 0)).toContain('— no other plugin is running');
  expect(failureLine('parking', told)).toBe(
    'parking failed (config): config.graceMinutes: expected number, got "10" at heldar.config.ts:7:49; next: write a number without quotes',
  );
});
