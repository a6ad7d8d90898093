import { expect, test } from 'vitest';
import { reachedTier, runCases, type CaseResult, type Tier } from './tier.ts';

const passed = (tier: Tier): CaseResult => ({ name: 'it', tier, error: null });
const failed = (tier: Tier): CaseResult => ({ name: 'it', tier, error: new Error('no') });

test('a tier is reached when all of it and of those below passed', () => {
  expect(reachedTier([passed('bronze'), passed('silver'), passed('gold')])).toBe('gold');
  expect(reachedTier([passed('bronze'), failed('silver'), passed('gold')])).toBe('bronze');
  expect(reachedTier([failed('bronze'), passed('bronze'), passed('silver')])).toBeNull();
  expect(reachedTier([passed('bronze'), passed('silver')])).toBe('silver');
  expect(reachedTier([])).toBeNull();
});

test('a case that fails does not keep the next from running', async () => {
  const ran: string[] = [];
  const { tier, results } = await runCases([
    { name: 'one', tier: 'bronze', run: () => Promise.reject(new Error('one is bad')) },
    { name: 'two', tier: 'bronze', run: async () => void ran.push('two') },
  ]);
  expect({ tier, ran }).toEqual({ tier: null, ran: ['two'] });
  expect(results.map(({ error }) => error)).toEqual([new Error('one is bad'), null]);
});
