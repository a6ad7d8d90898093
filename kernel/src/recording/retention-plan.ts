/** Which segments have to go next, and why? Decides from facts; touches nothing. */
import { fairShares, type Claim } from './fair-shares.ts';

export type RetentionReason = 'free_floor' | 'age' | 'camera_quota' | 'size_cap';

/** A segment that may go: neither held as evidence nor read under a lease. */
export interface Candidate {
  readonly id: string;
  readonly cameraId: string;
  readonly root: string;
  /** ms since the epoch. */
  readonly endTime: number;
  readonly sizeBytes: number;
}

export interface CameraFacts extends Claim {
  readonly retentionHours: number;
  /** Of `sizeBytes`, what is held as evidence. */
  readonly heldBytes: number;
}

export interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

export interface RetentionFacts {
  /** ms since the epoch. */
  readonly now: number;
  readonly cameras: readonly CameraFacts[];
  /** The candidates lie in one root of several, while sizes are of all: what a camera has elsewhere can't be taken here. */
  readonly isOneOfSeveralRoots: boolean;
  /** A camera's candidates, oldest first; read only as far as a plan needs them. */
  oldest(cameraId: string): Iterable<Candidate>;
}

/** What lasts until somebody does something about it. */
export type Standing =
  | { readonly condition: 'quota_held'; readonly camera: CameraFacts }
  | { readonly condition: 'cap_held'; readonly heldBytes: number; readonly otherBytes: number }
  | { readonly condition: 'share_held'; readonly camera: CameraFacts; readonly shareBytes: number }
  | { readonly condition: 'floor_unsatisfiable'; readonly totalBytes: number }
  | { readonly condition: 'nothing_left'; readonly missingBytes: number };

export interface Plan {
  /** In the order they go. */
  readonly victims: readonly Candidate[];
  /** What their going gives back. */
  readonly bytes: number;
  readonly standing: readonly Standing[];
}

const hourMs = 3_600_000;
const nothing: Plan = { victims: [], bytes: 0, standing: [] };

/** Footage that ended before this may go, ms since the epoch. */
export function ageLimit(retentionHours: number, now: number): number {
  return now - Math.max(1, retentionHours) * hourMs;
}

/** What is older than its camera wants it kept; at most `limit` segments, like every plan here. */
export function planByAge(facts: RetentionFacts, limit: number): Plan {
  const taken = startTaking(limit);
  takeExpired(facts, taken, Number.POSITIVE_INFINITY);
  return { ...taken, standing: [] };
}

/** What exceeds the quota of a camera. A camera whose held footage fills its quota keeps the rest: else nothing new would stay. */
export function planByQuota(facts: RetentionFacts, limit: number): Plan {
  const taken = startTaking(limit);
  const standing: Standing[] = [];
  for (const camera of facts.cameras) {
    if (!camera.quotaBytes) continue;
    if (camera.heldBytes >= camera.quotaBytes) standing.push({ condition: 'quota_held', camera });
    else takeOldest(facts, camera.cameraId, taken, taken.bytes + camera.sizeBytes - camera.quotaBytes);
  }
  return { ...taken, standing };
}

/** What exceeds the cap on all footage, from the cameras furthest over their shares of it. A cap of 0 is none. */
export function planBySize(facts: RetentionFacts, capBytes: number, limit: number): Plan {
  if (capBytes <= 0) return nothing;
  const { sizeBytes, heldBytes } = sumOf(facts.cameras);
  if (heldBytes >= capBytes)
    return {
      ...nothing,
      standing: [{ condition: 'cap_held', heldBytes, otherBytes: sizeBytes - heldBytes }],
    };
  const taken = startTaking(limit);
  const standing = takeFromFurthestOver(facts, taken, sizeBytes - capBytes);
  return { ...taken, standing };
}

/**
 * What a disk needs to have `minFreeBytes` free: first what its camera wants no more, then from the cameras furthest over their shares
 * of what fits. `facts` are of the footage on that disk. A floor of 0 is none.
 */
export function planByFloor(facts: RetentionFacts, disk: Disk, minFreeBytes: number, limit: number): Plan {
  const missingBytes = minFreeBytes - disk.freeBytes;
  if (minFreeBytes <= 0 || missingBytes <= 0) return nothing;
  if (minFreeBytes >= disk.totalBytes)
    return { ...nothing, standing: [{ condition: 'floor_unsatisfiable', totalBytes: disk.totalBytes }] };
  const taken = startTaking(limit);
  takeExpired(facts, taken, missingBytes);
  const standing =
    taken.bytes < missingBytes && taken.victims.length < limit
      ? takeFromFurthestOver(facts, taken, missingBytes)
      : [];
  if (taken.victims.length === 0) standing.push({ condition: 'nothing_left', missingBytes });
  return { ...taken, standing };
}

interface Taken {
  readonly victims: Candidate[];
  readonly limit: number;
  bytes: number;
}

function startTaking(limit: number): Taken {
  return { victims: [], limit, bytes: 0 };
}

function take(taken: Taken, candidate: Candidate): void {
  taken.victims.push(candidate);
  taken.bytes += candidate.sizeBytes;
}

/** Takes a camera's oldest until `upToBytes` are taken in all; no one is taken beyond that. */
function takeOldest(facts: RetentionFacts, cameraId: string, taken: Taken, upToBytes: number): void {
  if (taken.bytes >= upToBytes) return;
  for (const candidate of facts.oldest(cameraId)) {
    if (taken.victims.length >= taken.limit) return;
    take(taken, candidate);
    if (taken.bytes >= upToBytes) return;
  }
}

function takeExpired(facts: RetentionFacts, taken: Taken, upToBytes: number): void {
  for (const { cameraId, retentionHours } of facts.cameras) {
    const limit = ageLimit(retentionHours, facts.now);
    for (const candidate of facts.oldest(cameraId)) {
      if (taken.bytes >= upToBytes || taken.victims.length >= taken.limit) return;
      if (candidate.endTime >= limit) break;
      take(taken, candidate);
    }
  }
}

/** What a camera has beyond its share. */
interface Excess {
  readonly camera: CameraFacts;
  readonly shareBytes: number;
  bytes: number;
}

/** Each camera pays for its own excess only: what it can't give, because it is held, nobody else gives in its place. */
function takeFromFurthestOver(facts: RetentionFacts, taken: Taken, upToBytes: number): Standing[] {
  const known = new Set(taken.victims.map(({ id }) => id));
  const sources = new Map<string, Iterator<Candidate>>();
  const elsewhere = new Set<string>();
  const standing: Standing[] = [];
  let excesses = excessesOf(facts, taken, upToBytes, elsewhere);
  while (taken.bytes < upToBytes && taken.victims.length < taken.limit) {
    const furthest = furthestOver(excesses);
    if (furthest === null) break;
    const { camera, shareBytes } = furthest;
    const source = sources.get(camera.cameraId) ?? facts.oldest(camera.cameraId)[Symbol.iterator]();
    sources.set(camera.cameraId, source);
    const next = source.next();
    if (next.done !== true) {
      if (known.has(next.value.id)) continue;
      take(taken, next.value);
      furthest.bytes -= next.value.sizeBytes;
      continue;
    }
    furthest.bytes = 0;
    if (camera.heldBytes > 0) standing.push({ condition: 'share_held', camera, shareBytes });
    else if (facts.isOneOfSeveralRoots) {
      elsewhere.add(camera.cameraId);
      excesses = excessesOf(facts, taken, upToBytes, elsewhere);
    }
  }
  return standing;
}

/** Of the space that is left when `upToBytes` are gone, divided between all cameras but those `without`. */
function excessesOf(
  facts: RetentionFacts,
  taken: Taken,
  upToBytes: number,
  without: ReadonlySet<string>,
): Excess[] {
  const gone = new Map<string, number>();
  for (const { cameraId, sizeBytes } of taken.victims)
    gone.set(cameraId, (gone.get(cameraId) ?? 0) + sizeBytes);
  const left = facts.cameras
    .filter(({ cameraId }) => !without.has(cameraId))
    .map((camera) => ({ ...camera, sizeBytes: camera.sizeBytes - (gone.get(camera.cameraId) ?? 0) }));
  const shares = fairShares(sumOf(left).sizeBytes - (upToBytes - taken.bytes), left);
  return left.map((camera) => {
    const shareBytes = shares.get(camera.cameraId) ?? 0;
    return { camera, shareBytes, bytes: camera.sizeBytes - shareBytes };
  });
}

/** Of several that are equally far over, the first. */
function furthestOver(excesses: readonly Excess[]): Excess | null {
  let found: Excess | null = null;
  for (const excess of excesses) if (excess.bytes > 0 && excess.bytes > (found?.bytes ?? 0)) found = excess;
  return found;
}

function sumOf(cameras: readonly CameraFacts[]): { sizeBytes: number; heldBytes: number } {
  return cameras.reduce(
    (sum, { sizeBytes, heldBytes }) => ({
      sizeBytes: sum.sizeBytes + sizeBytes,
      heldBytes: sum.heldBytes + heldBytes,
    }),
    { sizeBytes: 0, heldBytes: 0 },
  );
}
