/** Do plugin errors carry their code, field and cause, and are they recognised across copies of the package? */
import { expect, test } from 'vitest';
import { conflict, forbidden, invalid, isPluginError, notFound, PluginError, unavailable } from './errors.ts';

test('each constructor sets its code and a message for the caller', () => {
  expect([
    notFound('zone'),
    conflict('changed meanwhile'),
    forbidden('not yours'),
    unavailable('no answer'),
  ]).toMatchObject([
    { code: 'not_found', message: 'zone not found', field: null },
    { code: 'conflict', message: 'changed meanwhile' },
    { code: 'forbidden', message: 'not yours' },
    { code: 'unavailable', message: 'no answer' },
  ]);
});

test('an invalid value names its field', () => {
  expect(invalid('polygon', 'needs at least 3 points')).toMatchObject({
    code: 'invalid',
    field: 'polygon',
    message: 'polygon: needs at least 3 points',
  });
});

test('a cause is kept', () => {
  const cause = new Error('socket closed');
  expect(unavailable('no answer', cause).cause).toBe(cause);
  expect('cause' in unavailable('no answer')).toBe(false);
});

test('an error made by another copy of the class is recognised by its mark', () => {
  expect(isPluginError({ [Symbol.for('heldar.error')]: true, code: 'invalid' })).toBe(true);
  expect(isPluginError(new PluginError('conflict', 'x'))).toBe(true);
  expect(isPluginError(new Error('x'))).toBe(false);
  expect(isPluginError(null)).toBe(false);
});
