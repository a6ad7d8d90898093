import { expect, test } from 'vitest';
import { runFixture } from './fixtures/run-fixture.ts';

test.for([
  ['rejection', 'nobody awaits'],
  ['text', 'a text'],
  ['timer', 'in a timer'],
  ['socket', 'connect ECONNREFUSED 127.0.0.1:1'],
])('a stray error (%s) that is claimed does not end the process', async ([kind = '', message]) => {
  expect(await runFixture('./stray.ts', kind, 'claimed')).toEqual({
    code: 0,
    signal: null,
    out: `asked: ${message}\nstill here\n`,
    err: '',
  });
});

test.for([
  ['rejection', 'Error: nobody awaits'],
  ['text', 'a text'],
  ['timer', 'Error: in a timer'],
  ['ended', 'Error: nobody listens'],
])('a stray error (%s) that nobody claims ends the process and is shown', async ([kind = '', message]) => {
  const { code, out, err } = await runFixture('./stray.ts', kind, 'unclaimed');
  expect(code).toBe(1);
  expect(err).toContain(message);
  expect(out).not.toContain('still here');
});
