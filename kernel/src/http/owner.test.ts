/** Who may end what somebody made? */
import { expect, test } from 'vitest';
import { requireOwner } from './owner.ts';

test('its creator may, whatever the role', () => {
  expect(() => requireOwner({ id: 'ann', role: 'viewer' }, 'ann', 'clip')).not.toThrow();
});

test('who manages the registry may', () => {
  for (const role of ['manager', 'admin'] as const)
    expect(() => requireOwner({ id: 'max', role }, 'ann', 'clip')).not.toThrow();
});

test('nobody else may, and is told whom to ask', () => {
  for (const role of ['viewer', 'guard', 'integration'] as const)
    expect(() => requireOwner({ id: 'max', role }, 'ann', 'clip')).toThrow(
      /this clip was made by somebody else/,
    );
});
