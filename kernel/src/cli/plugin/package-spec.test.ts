import { expect, test } from 'vitest';
import { folderWith } from '../../../test/folder-with.ts';
import { readWanted, type Wanted } from './package-spec.ts';

test.for<[string, Wanted]>([
  ['heldar-ppe', { kind: 'package', name: 'heldar-ppe', range: null, spec: 'heldar-ppe' }],
  ['@acme/heldar-ppe', { kind: 'package', name: '@acme/heldar-ppe', range: null, spec: '@acme/heldar-ppe' }],
  [
    '@acme/heldar-ppe@^2',
    { kind: 'package', name: '@acme/heldar-ppe', range: '^2', spec: '@acme/heldar-ppe@^2' },
  ],
  ['heldar-ppe@next', { kind: 'package', name: 'heldar-ppe', range: 'next', spec: 'heldar-ppe@next' }],
  ['acme/heldar-ppe', { kind: 'unnamed', spec: 'acme/heldar-ppe' }],
  ['github:acme/heldar-ppe#main', { kind: 'unnamed', spec: 'github:acme/heldar-ppe#main' }],
  ['https://acme.example/ppe.tgz', { kind: 'unnamed', spec: 'https://acme.example/ppe.tgz' }],
])('%s is understood', ([text, wanted]) => {
  expect(readWanted(text, '/')).toEqual(wanted);
});

test('paths are seen from the working directory, and have to be there', () => {
  using folder = folderWith({ 'own/index.ts': '', 'ppe-1.0.0.tgz': '' });
  expect(readWanted('./own', folder.path)).toEqual({ kind: 'path', path: folder.file('own') });
  expect(readWanted(folder.file('own/index.ts'), '/')).toEqual({
    kind: 'path',
    path: folder.file('own/index.ts'),
  });
  expect(readWanted('ppe-1.0.0.tgz', folder.path)).toEqual({
    kind: 'unnamed',
    spec: folder.file('ppe-1.0.0.tgz'),
  });
  expect(() => readWanted('./gone', folder.path)).toThrow(
    `there is neither a file nor a folder ${folder.file('gone')}`,
  );
  expect(() => readWanted('gone.tgz', folder.path)).toThrow(`there is no file ${folder.file('gone.tgz')}`);
});

test.for(['', 'Not A Package', '--save', '@acme'])('%j is refused', (text) => {
  expect(() => readWanted(text, '/')).toThrow('is no package, no path and no address of one');
});
