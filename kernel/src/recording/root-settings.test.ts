import { expect, it } from 'vitest';
import { namedRoots, problemWithRoots } from './root-settings.ts';

it('reads names and paths', () => {
  expect(problemWithRoots(['b=/mnt/b', 'nas-2=/mnt/nas 2/x=y'])).toBeNull();
  expect(namedRoots(['b=/mnt/b', 'nas-2=/mnt/nas 2/x=y'])).toEqual([
    { name: 'b', path: '/mnt/b' },
    { name: 'nas-2', path: '/mnt/nas 2/x=y' },
  ]);
});

it.each([
  ['/mnt/b', 'expected name=/absolute/path'],
  ['b=mnt', 'expected name=/absolute/path'],
  ['B=/mnt/b', 'expected name=/absolute/path'],
  ['default=/mnt/b', 'means the recordings folder'],
])('refuses %s', (text, problem) => {
  expect(problemWithRoots([text])).toContain(problem);
});

it('refuses a name or a path that is given twice', () => {
  expect(problemWithRoots(['b=/x', 'b=/y'])).toContain('given twice');
  expect(problemWithRoots(['b=/x', 'c=/x/'])).toContain('given twice');
});
