/** Which role may do what. */
import type { Capability, Principal } from '@heldar/plugin-sdk';

export type Role = Principal['role'];

export const roles = [
  'admin',
  'manager',
  'guard',
  'viewer',
  'integration',
] as const satisfies readonly Role[];

export function isRole(value: unknown): value is Role {
  return (roles as readonly unknown[]).includes(value);
}

const holders: Readonly<Record<Capability, readonly Role[]>> = {
  view: ['admin', 'manager', 'guard', 'viewer', 'integration'],
  operate_gate: ['admin', 'manager', 'guard'],
  manage_registry: ['admin', 'manager'],
  ingest: ['admin', 'integration'],
  admin: ['admin'],
};

export const capabilities = Object.keys(holders) as readonly Capability[];

const actions: Readonly<Record<Capability, string>> = {
  view: 'read',
  operate_gate: 'operate the gate',
  manage_registry: 'change the registry',
  ingest: 'send detections',
  admin: 'administer the system',
};

/** Who acts while sign-in is switched off, and when the kernel itself acts. */
export const systemPrincipal: Principal = { id: 'system', name: 'system', role: 'admin', kind: 'system' };

export function isCapability(value: unknown): value is Capability {
  return typeof value === 'string' && Object.hasOwn(holders, value);
}

export function mayUse(role: Role, capability: Capability): boolean {
  return holders[capability].includes(role);
}

/** Why the role was refused, for people. */
export function refusalText(role: Role, capability: Capability): string {
  return `the role ${role} may not ${actions[capability]}`;
}
