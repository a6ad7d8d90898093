/** Are passwords told apart, in turn, and is a flood of them refused rather than queued? */
import { expect, test } from 'vitest';
import { createPasswords, passwordProblem } from './passwords.ts';

test('a password matches its own hash alone, and no account takes none', async () => {
  const passwords = createPasswords();
  const hash = await passwords.hash('correct horse');
  expect(hash).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(await passwords.hash('correct horse')).not.toBe(hash);
  expect(await passwords.matches(hash, 'correct horse')).toBe(true);
  expect(await passwords.matches(hash, ' correct horse')).toBe(false);
  expect(await passwords.matches(null, 'of no account')).toBe(false);
});

test('a hash brings its own cost; what is no hash is an error, and the next in turn goes on', async () => {
  const passwords = createPasswords();
  // `secret12`, m = 8 KiB, 1 pass.
  const cheap = await (await import('@node-rs/argon2')).hash('secret12', { memoryCost: 8, timeCost: 1 });
  const broken = passwords.matches('not a hash', 'secret12');
  const next = passwords.matches(cheap, 'secret12');
  await expect(broken).rejects.toThrow(/decoding/i);
  expect(await next).toBe(true);
});

test('of a flood at once most are refused as busy, and those before are answered', async () => {
  const passwords = createPasswords();
  const outcomes = await Promise.allSettled(Array.from({ length: 80 }, () => passwords.matches(null, 'x')));
  const refused = outcomes.filter(({ status }) => status === 'rejected');
  expect(refused).toHaveLength(16);
  for (const { reason } of refused as PromiseRejectedResult[]) expect(reason).toMatchObject({ code: 'busy' });
  expect(await passwords.matches(null, 'x')).toBe(false);
});

test('too short and too long ones are told by bytes', () => {
  expect(passwordProblem('1234567')).toMatch(/at least 8/);
  expect(passwordProblem('äöüß')).toBeNull();
  expect(passwordProblem('x'.repeat(1025))).toMatch(/at most 1024/);
});
