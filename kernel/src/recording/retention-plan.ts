/** Which segments have to go, and why? */
import type { PruneCandidate } from '../store/segment-queries.ts';

const hourMs = 3_600_000;

/** Footage that ended before this may go, ms since the epoch. */
export function ageLimit(retentionHours: number, now: number): number {
  return now - Math.max(1, retentionHours) * hourMs;
}

/** Of candidates in the order of time: those that ended before the limit. */
export function planByAge(candidates: readonly PruneCandidate[], limit: number): string[] {
  return candidates.filter(({ endTime }) => endTime < limit).map(({ id }) => id);
}

export interface SizePlan {
  readonly ids: readonly string[];
  /** What their going gives back. */
  readonly bytes: number;
}

/** Of candidates oldest first: as few as give back `excessBytes`; no one is taken beyond that. */
export function planBySize(candidates: readonly PruneCandidate[], excessBytes: number): SizePlan {
  const ids: string[] = [];
  let bytes = 0;
  for (const { id, sizeBytes } of candidates) {
    if (bytes >= excessBytes) break;
    ids.push(id);
    bytes += sizeBytes;
  }
  return { ids, bytes };
}

/** By how much a limit is exceeded; a limit of 0 or null means none. */
export function excessOver(totalBytes: number, limitBytes: number | null): number {
  return limitBytes === null || limitBytes <= 0 ? 0 : Math.max(0, totalBytes - limitBytes);
}

export interface Disk {
  readonly freeBytes: number;
  readonly totalBytes: number;
}

/** What is missing to the floor of free space; `unsatisfiable` when the disk is not larger than the floor. */
export function missingToFloor(disk: Disk, minFreeBytes: number): number | 'unsatisfiable' {
  if (minFreeBytes <= 0 || disk.freeBytes >= minFreeBytes) return 0;
  return minFreeBytes >= disk.totalBytes ? 'unsatisfiable' : minFreeBytes - disk.freeBytes;
}
