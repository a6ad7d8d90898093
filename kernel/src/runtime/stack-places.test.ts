import { expect, test } from 'vitest';
import { isWithin, ownerAmong, pathOf, placesOf, showPlace } from './stack-places.ts';

function withStack(stack: string): Error {
  return Object.assign(new Error('x'), { stack });
}

test('places are read from every form a stack gives them, Node’s own left out', () => {
  const error = withStack(
    [
      'Error: at /not/a/place it failed',
      '    at run (/site/a b/one.js:1:2)',
      '    at async Object.later [as x] (file:///site/two%20.ts?v=3:3:4)',
      '    at file:///site/three.mjs:5:6',
      '    at async /site/four.js:7:8',
      '    at eval (eval at load (/site/five.js:9:10), <anonymous>:1:1)',
      '    at node:internal/modules/run:11:12',
      '    at Promise.all (index 0)',
      '    at new Thing (C:\\site\\six.js:13:14)',
    ].join('\n'),
  );
  expect(placesOf(error).map(showPlace)).toEqual([
    '/site/a b/one.js:1:2',
    '/site/two .ts:3:4',
    '/site/three.mjs:5:6',
    '/site/four.js:7:8',
    '/site/five.js:9:10',
    'C:\\site\\six.js:13:14',
  ]);
});

test('a real error’s first place is the line that made it', () => {
  const [first] = placesOf(new Error('here'));
  expect(first?.file).toBe(import.meta.filename);
});

test('what is no error has no place', () => {
  for (const value of ['text', null, undefined, { stack: 'at /a.js:1:1' }])
    expect(placesOf(value)).toEqual([]);
});

test('the owner is that of the innermost place in anybody’s folder; the deepest folder decides', () => {
  const owners = new Map([
    ['/site', 'site'],
    ['/site/plugins/gate', 'gate'],
    ['/kernel/src', 'kernel'],
  ]);
  const places = (...files: string[]) => files.map((file) => ({ file, line: 1, column: 1 }));
  expect(ownerAmong(places('/usr/lib/x.js', '/site/plugins/gate/a.js', '/site/b.js'), owners)?.owner).toBe(
    'gate',
  );
  expect(ownerAmong(places('/site/plugins/gates/a.js'), owners)?.owner).toBe('site');
  expect(ownerAmong(places('/site/node_modules/lib/a.js', '/kernel/src/b.js'), owners)?.owner).toBe('kernel');
  expect(ownerAmong(places('/elsewhere/a.js'), owners)).toBeNull();
});

test('a folder does not hold what begins alike, nor its dependencies', () => {
  expect(isWithin('/a/park/x.js', '/a/park')).toBe(true);
  expect(isWithin('/a/park/x.js', '/a/park/')).toBe(true);
  expect(isWithin('/a/parking/x.js', '/a/park')).toBe(false);
  expect(isWithin('/a/park/node_modules/lib/x.js', '/a/park')).toBe(false);
  expect(isWithin('/a/node_modules/@acme/park/x.js', '/a/node_modules/@acme/park')).toBe(true);
});

test('a URL that is no file stays as it is', () => {
  expect(pathOf('file:///a%20b.ts?t=1#x')).toBe('/a b.ts');
  expect(pathOf('/a.ts?t=1')).toBe('/a.ts');
  expect(pathOf('file://host/a.ts')).toBe('file://host/a.ts');
});
