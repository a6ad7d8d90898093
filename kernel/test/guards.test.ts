/** The census would notice: without a guard it fails. `npm run proof:guards` takes away every one. */
import { expect, test } from 'vitest';
import { guards } from './census/guards.ts';
import { tryGuard } from './census/try-guard.ts';

const all = guards();

test('every guard is where the list looks for it', () => {
  expect(all.length).toBeGreaterThan(30);
});

test.each(['what a role may', 'clips.ts:'])(
  'without "%s" the census fails',
  { timeout: 120_000 },
  async (name) => {
    const { isNoticed, output } = await tryGuard(all.findIndex((guard) => guard.name.includes(name)));
    expect(isNoticed, output).toBe(true);
  },
);
