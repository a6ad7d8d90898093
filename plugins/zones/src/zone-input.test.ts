/** Which bodies have the right types, and which values are taken? */
import { isPluginError } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { mergeZone, newZone, newZoneBody, type ZoneFields, zoneChangesBody } from './zone-input.ts';

const triangle = [[0, 0], [1, 0], [0.5, 1]] as const; // prettier-ignore
const minimal = { name: 'Yard', polygon: triangle };

function create(body: object): ZoneFields {
  return newZone(newZoneBody.parse({ ...minimal, ...body }));
}

function refusal(run: () => unknown): string | undefined {
  try {
    run();
  } catch (error) {
    if (isPluginError(error) && error.code === 'invalid') return error.message;
    throw error;
  }
  return undefined;
}

test('name and polygon are enough', () => {
  expect(create({})).toEqual({
    name: 'Yard',
    kind: 'region',
    polygon: triangle,
    dwellSeconds: 0,
    labels: [],
    severity: 'info',
    config: {},
    enabled: true,
  });
});

test('null is absent in optional members, and unknown members are ignored', () => {
  const nulls = {
    kind: null,
    dwell_seconds: null,
    labels: null,
    severity: null,
    config: null,
    enabled: null,
  };
  expect(create({ ...nulls, colour: 'red' })).toEqual(create({}));
});

test('a change takes only what is given, and null keeps the old value', () => {
  const old = create({ kind: 'red', labels: ['person'], config: { a: 1 }, dwell_seconds: 3 });
  const nothing = {
    name: null,
    polygon: null,
    kind: null,
    labels: null,
    severity: null,
    config: null,
    enabled: null,
  };
  expect(mergeZone(old, zoneChangesBody.parse({}))).toEqual(old);
  expect(mergeZone(old, zoneChangesBody.parse(nothing))).toEqual(old);
  expect(mergeZone(old, zoneChangesBody.parse({ enabled: false, labels: [], name: ' ' }))).toEqual({
    ...old,
    enabled: false,
    labels: [],
    name: ' ',
  });
});

test.for([
  [{ name: undefined }, 'name'],
  [{ name: 5 }, 'name'],
  [{ name: null }, 'name'],
  [{ polygon: undefined }, 'polygon'],
  [{ polygon: null }, 'polygon'],
  [{ polygon: 'M0 0' }, 'polygon'],
  [{ kind: 1 }, 'kind'],
  [{ dwell_seconds: '5' }, 'dwell_seconds'],
  [{ labels: 'person' }, 'labels'],
  [{ labels: ['person', 5] }, 'labels'],
  [{ severity: 2 }, 'severity'],
  [{ enabled: 'yes' }, 'enabled'],
] as const)('%j is a wrong type', ([fields, member]) => {
  const { error } = newZoneBody.safeParse({ ...minimal, ...fields });
  expect(error?.issues).toMatchObject([{ code: 'invalid_type' }]);
  expect(error?.issues[0]?.path[0]).toBe(member);
});

test('a body that is no object is a wrong type', () => {
  for (const body of [null, [], 'zone', 5]) {
    expect(newZoneBody.safeParse(body).error?.issues).toMatchObject([{ code: 'invalid_type' }]);
    expect(zoneChangesBody.safeParse(body).error?.issues).toMatchObject([{ code: 'invalid_type' }]);
  }
});

const points = (count: number) => Array.from({ length: count }, (_, index) => [index / 600, 0.5]);

test.for([
  [{ name: 'x'.repeat(257) }, /^name: /],
  [{ kind: 'x'.repeat(257) }, /^kind: /],
  [{ polygon: points(2) }, /^polygon: .*3 to 512/],
  [{ polygon: points(513) }, /^polygon: .*3 to 512/],
  [{ polygon: [...triangle, [0.5, 1.01]] }, /^polygon\[3\]: /],
  [{ polygon: [[-0.01, 0], ...triangle] }, /^polygon\[0\]: /],
  [{ polygon: [...triangle, [0.5, 0.5, 0.5]] }, /^polygon\[3\]: /],
  [{ polygon: [...triangle, [0.5, '0.5']] }, /^polygon\[3\]: /],
  [{ polygon: [...triangle, { x: 0, y: 0 }] }, /^polygon\[3\]: /],
  [{ labels: ['person', ' '] }, /^labels\[1\]: /],
  [{ labels: ['x'.repeat(257)] }, /^labels\[0\]: /],
  [{ labels: points(257).map(String) }, /^labels: /],
  [{ severity: 'loud' }, /^severity: .*info, warning or critical/],
  [{ severity: '' }, /^severity: /],
  [{ config: 'x'.repeat(65_536) }, /^config: /],
] as const)('%j is refused, naming the member', ([fields, message]) => {
  expect(refusal(() => create(fields))).toMatch(message);
  expect(refusal(() => mergeZone(create({}), zoneChangesBody.parse(fields)))).toMatch(message);
});

test('a name must not be blank at first, and is not looked at again in a change', () => {
  expect(refusal(() => create({ name: '  ' }))).toMatch(/^name: /);
  expect(mergeZone(create({}), { name: '  ' }).name).toBe('  ');
});

test('3 and 512 points are taken', () => {
  expect(create({ polygon: points(512) }).polygon).toHaveLength(512);
});

test('labels are trimmed and distinct, in the given order', () => {
  expect(create({ labels: [' person ', 'car', 'person', 'Car'] }).labels).toEqual(['person', 'car', 'Car']);
});

test('a negative dwell is none, a name keeps its blanks', () => {
  expect(create({ dwell_seconds: -5, name: ' Yard ' })).toMatchObject({ dwellSeconds: 0, name: ' Yard ' });
});

test('config is any value', () => {
  for (const config of [false, 0, '', [], [1, { a: null }]])
    expect(create({ config }).config).toEqual(config);
});

test('half a surrogate pair is replaced, because the database would replace it too', () => {
  expect(create({ name: 'a\ud800', kind: '\udc00', labels: ['\ud800 '] })).toMatchObject({
    name: 'a\ufffd',
    kind: '\ufffd',
    labels: ['\ufffd'],
  });
});
