/** How often may somebody guess? Counted for a name at an address, so that nobody locks another out, and for an address over all names. */
import { isIPv6 } from 'node:net';
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';

export interface SignInThrottle {
  /**
   * An attempt begins; it counts as failed until `succeeded` is called, so that many at once are no way around.
   * @throws HeldarError `too_many_attempts` saying when the next may be made.
   */
  begin(username: string, address: string): { succeeded(): void };
}

/** Failures that close a door, and how long it stays closed after the last of them, ms. */
const limits = { nameAtAddress: 5, address: 50 } as const;
const closedMs = 15 * 60_000;
/** Doors that are remembered; beyond, those that were tried longest ago are forgotten. */
const mostDoors = 20_000;

interface Door {
  failures: number;
  /** Monotonic, ms. */
  triedAt: number;
}

export function createSignInThrottle(clock: Pick<Clock, 'monotonic'>): SignInThrottle {
  // In the order of the last attempt.
  const doors = new Map<string, Door>();

  const doorOf = (key: string): Door => {
    const known = doors.get(key);
    const isOver = known !== undefined && clock.monotonic() - known.triedAt >= closedMs;
    return known === undefined || isOver ? { failures: 0, triedAt: clock.monotonic() } : known;
  };
  const requireOpen = ({ failures, triedAt }: Door, limit: number) => {
    if (failures < limit) return;
    const seconds = Math.max(1, Math.ceil((triedAt + closedMs - clock.monotonic()) / 1000));
    throw new HeldarError(
      'too_many_attempts',
      `too many failed sign-ins from this address; try again in ${Math.ceil(seconds / 60)} min`,
      { details: { retryAfterS: seconds } },
    );
  };
  const note = (key: string, door: Door) => {
    doors.delete(key);
    doors.set(key, door);
    if (doors.size <= mostDoors) return;
    const [oldest] = doors.keys();
    if (oldest !== undefined) doors.delete(oldest);
  };

  return {
    begin(username, address) {
      const network = networkOf(address);
      const nameKey = JSON.stringify([network, username]);
      const nameDoor = doorOf(nameKey);
      const addressDoor = doorOf(network);
      requireOpen(nameDoor, limits.nameAtAddress);
      requireOpen(addressDoor, limits.address);
      const now = clock.monotonic();
      note(nameKey, { failures: nameDoor.failures + 1, triedAt: now });
      note(network, { failures: addressDoor.failures + 1, triedAt: now });
      return {
        succeeded() {
          doors.delete(nameKey);
          const current = doors.get(network);
          if (current !== undefined) current.failures = Math.max(0, current.failures - 1);
        },
      };
    },
  };
}

/** Of IPv6 the first 64 bits: whoever has one address there has all of them. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1];
  if (mapped !== undefined) return mapped;
  if (!isIPv6(address)) return address;
  const [head = '', tail] = address.split('%')[0]?.toLowerCase().split('::') ?? [];
  const first = head === '' ? [] : head.split(':');
  const last = tail === undefined || tail === '' ? [] : tail.split(':');
  const groups =
    tail === undefined
      ? first
      : [...first, ...Array<string>(Math.max(0, 8 - first.length - last.length)).fill('0'), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(':')}::/64`;
}
