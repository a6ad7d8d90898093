/** Does every role hold exactly the capabilities of the published table? */
import { expect, test } from 'vitest';
import { isCapability, mayUse, refusalText, type Role } from './permissions.ts';

const roles: readonly Role[] = ['admin', 'manager', 'guard', 'viewer', 'integration'];

test.for([
  ['view', ['admin', 'manager', 'guard', 'viewer', 'integration']],
  ['operate_gate', ['admin', 'manager', 'guard']],
  ['manage_registry', ['admin', 'manager']],
  ['ingest', ['admin', 'integration']],
  ['admin', ['admin']],
] as const)('%s is held by %j and nobody else', ([capability, holders]) => {
  expect(roles.filter((role) => mayUse(role, capability))).toEqual(holders);
});

test('a refusal names the role and the action', () => {
  expect(refusalText('viewer', 'manage_registry')).toBe('the role viewer may not change the registry');
});

test('only the five names are capabilities', () => {
  expect(['view', 'admin'].every(isCapability)).toBe(true);
  expect(['public', '', 'toString', '__proto__', null, undefined].some(isCapability)).toBe(false);
});
