import { expect, test } from 'vitest';
import { folderWith } from '../../test/folder-with.ts';
import { tablePrefixOf } from '../store/table-prefix.ts';
import type { Manifest } from './manifest.ts';
import { preflight, type Candidate } from './preflight.ts';

const sdk = '0.4.2';

function candidate(name: string, manifest: Partial<Manifest> = {}): Candidate {
  return {
    name,
    manifest: {
      name,
      version: '1.0.0',
      api: '^0.4.0',
      requires: {},
      tablePrefix: tablePrefixOf(name),
      release: [],
      capabilities: null,
      routes: [],
      isolation: 'inline',
      folder: '/nowhere',
      ...manifest,
    },
  };
}

function fly(candidates: Candidate[], kernelRoutes: string[] = [], absent?: Map<string, string>) {
  const { order, failures } = preflight(candidates, sdk, kernelRoutes, absent);
  const told = Object.fromEntries(
    [...failures].map(([name, { reason, next }]) => [name, `${reason} → ${next}`]),
  );
  return { order, told };
}

test('plugins that fit together start in order', () => {
  const { order, told } = fly([candidate('a', { requires: { b: '^1.0.0' } }), candidate('b')]);
  expect({ order, told }).toEqual({ order: ['b', 'a'], told: {} });
});

test.for([
  [
    null,
    'states no range of @heldar/plugin-sdk → add "peerDependencies": { "@heldar/plugin-sdk": "^0.4.2" }',
  ],
  ['newest', `'newest' is not a version range of @heldar/plugin-sdk`],
  ['^0.3.0', 'it needs @heldar/plugin-sdk ^0.3.0; this kernel speaks 0.4.2'],
  ['>=1', 'it needs @heldar/plugin-sdk >=1; this kernel speaks 0.4.2'],
] as const)('the API range %s is refused', ([api, text]) => {
  const { order, told } = fly([candidate('old', { api }), candidate('other')]);
  expect(order).toEqual(['other']);
  expect(told['old']).toContain(text);
});

test('a plugin written in the composition itself needs no API range', () => {
  expect(fly([candidate('inline', { api: null, folder: null })]).order).toEqual(['inline']);
});

test('a pre-release of the API fits its range', () => {
  expect(preflight([candidate('a', { api: '>=0.4.0-0 <0.5.0' })], '0.4.3-beta.1', []).order).toEqual(['a']);
});

test.for(['kernel', 'worker', 'camera', 'log', 'schema', 'sqlite', 'ai', 'consumer'])(
  'a plugin named %s is refused: that is the kernel’s',
  (name) => {
    const { order, told } = fly([candidate(name)]);
    expect(order).toEqual([]);
    expect(told[name]).toMatch(/kernel.* → give it another name$/);
  },
);

test('a table prefix is that of the name, and no beginning of another', () => {
  const { order, told } = fly([
    candidate('people'),
    candidate('people-counter'),
    candidate('gate', { tablePrefix: 'people_' }),
  ]);
  expect(order).toEqual(['people']);
  expect(told).toEqual({
    'people-counter':
      'its tables (people_counter_…) would mix with those of people (people_…) → give it a name that is no beginning of another',
    gate: `its table prefix is 'people_'; it must be 'gate_' → set "heldar": { "tablePrefix": "gate_" } or leave it out`,
  });
});

test('a plugin’s own path under the API root is its own; all others need a grant', () => {
  const zones = [
    'GET /api/v1/cameras/:camera/zones',
    'POST /api/v1/cameras/:id/zones',
    'DELETE /api/v1/zones/:zone_id',
  ];
  const { order, told } = fly([
    candidate('zones', { routes: zones }),
    candidate('copy', { routes: ['POST /api/v1/cameras/:camera_id/zones'] }),
    candidate('greedy', { routes: ['GET /api/v1/anything'] }),
  ]);
  expect(order).toEqual(['zones']);
  expect(told).toEqual({
    copy: 'its route POST /api/v1/cameras/:camera_id/zones is already that of zones → rename it; routes below /api/v1/plugins/copy never clash',
    greedy:
      'its route GET /api/v1/anything lies outside /api/v1/plugins/greedy → put it below /api/v1/plugins/greedy: write a path relative to that',
  });
});

test('a route of the kernel is the kernel’s, whatever its parameters are called', () => {
  const { told } = fly(
    [candidate('shadow', { routes: ['GET /api/v1/cameras/:camera'] })],
    ['GET /api/v1/cameras/:id'],
  );
  expect(told['shadow']).toContain('its route GET /api/v1/cameras/:camera is already that of the kernel');
});

test('requirements are named with what is wrong about them', () => {
  const { order, told } = fly(
    [
      candidate('lonely', { requires: { gone: '^1.0.0' } }),
      candidate('picky', { requires: { base: '^2.0.0' } }),
      candidate('base', { version: '1.4.0' }),
      candidate('unlucky', { requires: { broken: '*' } }),
    ],
    [],
    new Map([['broken', 'its package.json is not JSON']]),
  );
  expect(order).toEqual(['base']);
  expect(told).toEqual({
    lonely: `it requires the plugin 'gone', which this composition does not name → add 'gone' to the plugins of heldar.config.ts`,
    picky: 'it requires base ^2.0.0; this composition has 1.4.0 → install base ^2.0.0',
    unlucky: `it requires broken, which can't run: its package.json is not JSON → mend broken first`,
  });
});

test('a cycle names its path for each member, and takes down whoever requires one', () => {
  const { order, told } = fly([
    candidate('a', { requires: { b: '*' } }),
    candidate('b', { requires: { a: '*' } }),
    candidate('c', { requires: { a: '*' } }),
    candidate('free'),
  ]);
  expect(order).toEqual(['free']);
  expect(told['a']).toContain('it requires itself: a → b → a');
  expect(told['b']).toContain('it requires itself: a → b → a');
  expect(told['c']).toBe(`it requires a, which can't run: it requires itself: a → b → a → mend a first`);
});

test('the place is the line of the package.json that says it', () => {
  using folder = folderWith({
    'package.json': '{\n  "name": "x",\n  "heldar": {\n    "requires": { "gone": "*" }\n  }\n}\n',
  });
  const { failures } = preflight([candidate('x', { folder: folder.path, requires: { gone: '*' } })], sdk, []);
  expect(failures.get('x')?.place).toBe(`${folder.file('package.json')}:4`);
});
