/** May a caller end what somebody made? Its creator may, and who manages the registry. */
import type { Principal } from '@heldar/plugin-sdk';
import { mayUse } from '../auth/permissions.ts';
import { HeldarError } from '../errors.ts';

export function isManager({ role }: Pick<Principal, 'role'>): boolean {
  return mayUse(role, 'manage_registry');
}

/** @throws HeldarError `forbidden` naming what it is. */
export function requireOwner(
  principal: Pick<Principal, 'id' | 'role'>,
  createdBy: string,
  what: string,
): void {
  if (principal.id === createdBy || isManager(principal)) return;
  throw new HeldarError('forbidden', `this ${what} was made by somebody else; ask them, or a manager`);
}
