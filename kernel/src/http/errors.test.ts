/** Does every kind of error get its status, without telling more than it may? */
import Database from 'better-sqlite3';
import { conflict, forbidden, invalid, notFound, unavailable } from '@heldar/plugin-sdk';
import { expect, test } from 'vitest';
import { errorKinds, HeldarError, type ErrorCode } from '../errors.ts';
import { answerOf, logFailure } from './errors.ts';
import { collectingLog, type LogLine } from './http-for-tests.ts';

const codes = Object.keys(errorKinds) as ErrorCode[];

test.for(codes)(
  '%s has the status of the table, and a text only when it is the caller that must act',
  (code) => {
    const { status, body, headers } = answerOf(new HeldarError(code, 'the text'));
    expect(status).toBe(errorKinds[code].status);
    const hidden = code === 'database' ? 'database error' : 'internal error';
    expect(body).toEqual({ error: status === 500 ? hidden : 'the text' });
    expect('retry-after' in headers).toBe(status === 503 || status === 429);
  },
);

test('Retry-After is what the error says, in whole seconds', () => {
  const busy = new HeldarError('busy', 'full', { details: { retryAfterS: 2.2 } });
  expect(answerOf(busy).headers['retry-after']).toBe('3');
});

test.for([
  [notFound('zone'), 404, 'zone not found'],
  [invalid('polygon', 'needs at least 3 points'), 400, 'polygon: needs at least 3 points'],
  [conflict('taken'), 409, 'taken'],
  [forbidden('not yours'), 403, 'not yours'],
  [unavailable('the scale is off'), 503, 'the scale is off'],
] as const)('an error of a plugin is answered by its code: %#', ([error, status, text]) => {
  expect(answerOf(error)).toMatchObject({ status, body: { error: text } });
});

test('an error made by another copy of the SDK is known by its mark', () => {
  const foreign = Object.assign(new Error('no such thing'), {
    [Symbol.for('heldar.error')]: true,
    code: 'not_found',
  });
  expect(answerOf(foreign).status).toBe(404);
  const nonsense = Object.assign(new Error('x'), { [Symbol.for('heldar.error')]: true, code: 'toString' });
  expect(answerOf(nonsense)).toMatchObject({ status: 500, body: { error: 'internal error' } });
});

test('a failure of the database driver is a database error', () => {
  let thrown: unknown;
  try {
    new Database(':memory:').prepare('SELECT * FROM nowhere');
  } catch (error) {
    thrown = error;
  }
  expect(answerOf(thrown)).toMatchObject({ status: 500, body: { error: 'database error' } });
});

test.for([[new TypeError('x is undefined')], ['text'], [undefined], [null], [{ status: 418 }]])(
  'anything else tells nothing: %#',
  ([thrown]) => {
    expect(answerOf(thrown)).toEqual({ status: 500, body: { error: 'internal error' }, headers: {} });
  },
);

test('failures are logged with their causes, refusals quietly', () => {
  const lines: LogLine[] = [];
  const log = collectingLog(lines);
  const request = { requestId: 'r-1', method: 'GET', path: '/x' };
  logFailure(log, new HeldarError('internal', 'outer', { cause: new Error('inner') }), request);
  logFailure(log, new HeldarError('not_found', 'no'), request);
  logFailure(log, new HeldarError('busy', 'full'), request);
  expect(lines.map(({ level }) => level)).toEqual(['error', 'debug', 'debug']);
  expect(lines[0]?.data).toMatchObject({
    requestId: 'r-1',
    status: 500,
    err: { message: 'outer', cause: { message: 'inner' } },
  });
});
