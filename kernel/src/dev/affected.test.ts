import { expect, test } from 'vitest';
import { findAffected } from './affected.ts';

const site = {
  plugins: [
    { name: 'shop', folder: '/site/shop', file: '/site/shop/src/index.ts' },
    { name: 'till', folder: '/site/shop/till', file: '/site/shop/till/index.ts' },
    { name: 'inline', folder: null, file: null },
  ],
  compositions: ['/site/base.ts', '/site/heldar.config.ts'],
  entriesOf: (file: string) =>
    new Set(
      file === '/site/shared/money.ts'
        ? ['/site/shop/src/index.ts', '/site/shop/till/index.ts']
        : file === '/site/shop/src/price.ts'
          ? ['/site/shop/src/index.ts']
          : [],
    ),
};

test.for([
  ['a module is of those that import it, wherever it lies', ['/site/shared/money.ts'], ['shop', 'till']],
  ['a module of one plugin is of that one', ['/site/shop/src/price.ts'], ['shop']],
  ['a file that nothing imports is of the deepest folder', ['/site/shop/till/migrations/0001.sql'], ['till']],
  ['a package.json is of its plugin', ['/site/shop/package.json'], ['shop']],
  ['a folder that begins alike is another one', ['/site/shop-two/x.ts'], []],
  ['a file of nobody is of nobody', ['/site/notes.md'], []],
  ['each plugin once', ['/site/shop/src/price.ts', '/site/shared/money.ts'], ['shop', 'till']],
] as const)('%s', ([, files, plugins]) => {
  expect(findAffected(files, site)).toEqual({ composition: false, plugins, restart: null });
});

test('compositions and files that only a start takes in are told apart', () => {
  expect(findAffected(['/site/base.ts', '/site/shop/src/price.ts'], site)).toEqual({
    composition: true,
    plugins: ['shop'],
    restart: null,
  });
  expect(findAffected(['/site/package-lock.json'], site).restart).toBe('/site/package-lock.json');
  expect(findAffected(['/site/shop/.env'], site)).toEqual({
    composition: false,
    plugins: [],
    restart: '/site/shop/.env',
  });
});
