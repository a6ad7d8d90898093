import { expect, test } from 'vitest';
import { addFile, addMember, replaceText, setMember } from './edits.ts';

const files = new Map([
  ['a.txt', 'one\ntwo\n'],
  ['package.json', '{\n    "name": "x",\n    "scripts": { "test": "vitest" }\n}'],
]);

test('a file is added, and one that is there is left alone', () => {
  expect(addFile(files, 'b.txt', 'b').changed).toEqual(new Map([['b.txt', 'b']]));
  expect(addFile(files, 'a.txt', 'b')).toEqual({ changed: new Map(), left: null });
});

test('a place is replaced where it stands once', () => {
  const edit = { before: 'two\n', after: 'two\nthree\n', byHand: 'add three' };
  const once = replaceText(files, 'a.txt', edit);
  expect(once).toEqual({ changed: new Map([['a.txt', 'one\ntwo\nthree\n']]), left: null });
  expect(replaceText(once.changed, 'a.txt', edit)).toEqual({ changed: new Map(), left: null });
  expect(replaceText(files, 'gone.txt', edit)).toEqual({ changed: new Map(), left: null });
});

test('a place that its author has changed, or that stands twice, is left to him', () => {
  const edit = { before: 'four\n', after: 'five\n', byHand: 'write five' };
  expect(replaceText(files, 'a.txt', edit).left).toBe('a.txt: write five');
  expect(replaceText(new Map([['a.txt', 'four\nfour\n']]), 'a.txt', edit).left).toBe('a.txt: write five');
});

test('a member of JSON is added, its indent and the end of the file stay', () => {
  const { changed } = addMember(files, 'package.json', ['scripts', 'build'], 'tsc');
  expect(changed.get('package.json')).toBe(
    '{\n    "name": "x",\n    "scripts": {\n        "test": "vitest",\n        "build": "tsc"\n    }\n}',
  );
  expect(addMember(files, 'package.json', ['scripts', 'test'], 'other').changed.size).toBe(0);
  const set = setMember(files, 'package.json', ['heldar', 'template', 'version'], '2.0.0').changed;
  expect(JSON.parse(set.get('package.json') ?? '')).toMatchObject({
    heldar: { template: { version: '2.0.0' } },
  });
});
