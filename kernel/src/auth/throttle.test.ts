/** Does guessing end, and only for who guesses? */
import { expect, test } from 'vitest';
import { HeldarError } from '../errors.ts';
import { createFakeClock } from '../testing/fake-clock.ts';
import { createSignInThrottle, networkOf } from './throttle.ts';

const minute = 60_000;

function throttle() {
  const clock = createFakeClock();
  const doors = createSignInThrottle(clock);
  const fails = (username: string, address: string, times = 1) => {
    let refused = 0;
    for (let time = 0; time < times; time += 1)
      try {
        doors.begin(username, address);
      } catch (error) {
        if (!(error instanceof HeldarError && error.code === 'too_many_attempts')) throw error;
        refused += 1;
      }
    return refused;
  };
  return { clock, doors, fails };
}

test('five failures close the door of a name at an address, for a quarter of an hour after the last', async () => {
  const { clock, doors, fails } = throttle();
  expect(fails('ada', '10.0.0.1', 5)).toBe(0);
  await clock.advance(14 * minute);
  expect(() => doors.begin('ada', '10.0.0.1')).toThrow(/try again in 1 min/);
  // What is refused keeps it closed no longer.
  await clock.advance(minute);
  expect(fails('ada', '10.0.0.1')).toBe(0);
});

test('nobody is locked out by somebody elsewhere, or by who guesses another name', () => {
  const { fails } = throttle();
  fails('ada', '10.0.0.1', 50);
  expect(fails('ada', '10.0.0.2')).toBe(0);
  expect(fails('eve', '10.0.0.1')).toBe(0);
});

test('an address that tries name after name is closed for all of them', () => {
  const { fails } = throttle();
  for (let n = 0; n < 50; n += 1) expect(fails(`user${n}`, '10.0.0.1')).toBe(0);
  expect(fails('one more', '10.0.0.1')).toBe(1);
  expect(fails('one more', '10.0.0.2')).toBe(0);
});

test('success opens the door again, and many at once are counted as they begin', () => {
  const { doors, fails } = throttle();
  const begun = [1, 2, 3, 4, 5].map(() => doors.begin('ada', '10.0.0.1'));
  expect(fails('ada', '10.0.0.1')).toBe(1);
  begun[0]?.succeeded();
  expect(fails('ada', '10.0.0.1', 5)).toBe(0);
});

test('a flood of names and addresses is forgotten from its beginning, and never grows without end', () => {
  const { fails } = throttle();
  fails('ada', '10.0.0.1', 5);
  for (let n = 0; n < 20_000; n += 1) fails('x', `host${n}`);
  expect(fails('ada', '10.0.0.1')).toBe(0);
});

test.each([
  ['10.0.0.1', '10.0.0.1'],
  ['::ffff:10.0.0.1', '10.0.0.1'],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2::/64'],
  ['2001:DB8:1:2::9', '2001:db8:1:2::/64'],
  ['2001:0db8::1', '2001:db8:0:0::/64'],
  ['::1', '0:0:0:0::/64'],
  ['fe80::1%eth0', 'fe80:0:0:0::/64'],
])('%s counts as %s', (address, network) => {
  expect(networkOf(address)).toBe(network);
});
