/**
 * Where tests end the process to prove that nothing is lost: named points, inert unless HELDAR_FAILPOINT names one
 * (`name`, or `name:n` for its n-th passage).
 */

export const failpoints = [
  'log-before-commit',
  'log-after-commit',
  'effects-before-commit',
  'effects-after-commit',
  'group-between-units',
  'lane-between-batches',
  'migration-before-commit',
  'migration-after-commit',
] as const;
export type Failpoint = (typeof failpoints)[number];

const [armed, count] = (process.env['HELDAR_FAILPOINT'] ?? '').split(':');
let remaining = Number(count ?? 1);

/** Ends the process as SIGKILL would when this point is the armed one and its turn has come. */
export function failpoint(name: Failpoint): void {
  if (armed !== name) return;
  remaining -= 1;
  if (remaining <= 0) process.kill(process.pid, 'SIGKILL');
}
