/** What retention tells: what it deleted, at most once an interval, and what stands in its way, once when it begins and once when it ends. */
import { retentionEvent } from '../media/media-events.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { Clock } from '../clock.ts';
import type { Store } from '../store/store.ts';
import type { RetentionReason, Standing } from './retention-plan.ts';

type Severity = 'info' | 'warning' | 'critical';

/** Something that lasts until somebody does something about it. */
export interface StandingNotice {
  /** Of the same kind and about the same thing. */
  readonly key: string;
  readonly cameraId: string | null;
  readonly severity: 'warning' | 'critical';
  readonly payload: { readonly reason: string } & Readonly<Record<string, unknown>>;
}

export interface RetentionLimits {
  /** Cap on the indexed footprint; 0: none. */
  readonly maxRecordingsBytes: number;
  /** Floor of free space; 0: none. */
  readonly minFreeBytes: number;
}

export interface Notices {
  /** Counts what went. */
  deleted(reason: RetentionReason, segments: number): void;
  /** What stands in the way of one pass now; replaces what that pass said before. */
  standing(pass: string, notices: readonly StandingNotice[]): Promise<void>;
  /** Tells what went; `now`: also when the last time is less than an interval ago. */
  tellDeleted(now?: 'now'): Promise<void>;
  current(): readonly (StandingNotice & { readonly since: number })[];
}

export function createNotices(options: {
  store: Pick<Store, 'write'>;
  registry: Pick<CameraRegistry, 'get'>;
  clock: Clock;
  limits: RetentionLimits;
  /** Between two events about what a pass deleted. */
  intervalMs: number;
}): Notices {
  const { store, registry, clock, limits } = options;
  const told = new Map<string, Map<string, StandingNotice & { since: number }>>();
  const counts = new Map<RetentionReason, { segments: number; toldAt: number | null }>();

  const tell = async (
    cameraId: string | null,
    severity: Severity,
    type: RetentionEventType,
    payload: object,
  ) => {
    const camera = cameraId === null ? null : (registry.get(cameraId) ?? null);
    await store.write('events.append', [retentionEvent(camera, clock.now(), type, severity, payload)]);
  };
  return {
    deleted(reason, segments) {
      const count = counts.get(reason) ?? { segments: 0, toldAt: null };
      count.segments += segments;
      counts.set(reason, count);
    },
    async standing(pass, notices) {
      const before = told.get(pass) ?? new Map<string, StandingNotice & { since: number }>();
      const after = new Map(
        notices.map((notice) => [
          notice.key,
          { ...notice, since: before.get(notice.key)?.since ?? clock.now() },
        ]),
      );
      told.set(pass, after);
      for (const { key, cameraId, severity, payload } of notices)
        if (!before.has(key)) await tell(cameraId, severity, 'disk_pressure', payload);
      for (const { key, cameraId, payload } of before.values())
        if (!after.has(key)) await tell(cameraId, 'info', 'disk_pressure_over', { reason: payload.reason });
    },
    async tellDeleted(when) {
      const now = clock.monotonic();
      for (const [reason, count] of counts) {
        const isDue = count.toldAt === null || now - count.toldAt >= options.intervalMs || when === 'now';
        if (count.segments === 0 || !isDue) continue;
        const { severity, type, payload } = deletionOf(reason, count.segments, limits);
        counts.set(reason, { segments: 0, toldAt: now });
        await tell(null, severity, type, payload);
      }
    },
    current: () => [...told.values()].flatMap((notices) => [...notices.values()]),
  };
}

type RetentionEventType = 'retention_delete' | 'disk_pressure' | 'disk_pressure_over';

function deletionOf(
  reason: RetentionReason,
  deleted: number,
  limits: RetentionLimits,
): { severity: Severity; type: RetentionEventType; payload: object } {
  switch (reason) {
    case 'age':
      return { severity: 'info', type: 'retention_delete', payload: { deleted, reason } };
    case 'camera_quota':
      return { severity: 'warning', type: 'disk_pressure', payload: { deleted, reason } };
    case 'size_cap':
      return {
        severity: 'warning',
        type: 'disk_pressure',
        payload: { deleted, reason, max_bytes: limits.maxRecordingsBytes },
      };
    case 'free_floor':
      return {
        severity: 'critical',
        type: 'disk_pressure',
        payload: { deleted, reason, min_free_bytes: limits.minFreeBytes },
      };
  }
}

/** What stands in the way, as the journal says it. `root`: whose floor it is, '' for the recordings folder. */
export function standingNotice(standing: Standing, limits: RetentionLimits, root = ''): StandingNotice {
  const where = root === '' ? {} : { root };
  const { maxRecordingsBytes: max_bytes, minFreeBytes: min_free_bytes } = limits;
  switch (standing.condition) {
    case 'quota_held': {
      const { cameraId, heldBytes: protected_bytes, quotaBytes: quota_bytes } = standing.camera;
      return {
        key: `quota_held ${cameraId}`,
        cameraId,
        severity: 'warning',
        payload: { reason: 'camera_quota', camera_id: cameraId, protected_bytes, quota_bytes },
      };
    }
    case 'cap_held':
      return {
        key: 'cap_held',
        cameraId: null,
        severity: 'warning',
        payload: {
          reason: 'locked_exceeds_cap',
          protected_bytes: standing.heldBytes,
          unlocked_bytes: standing.otherBytes,
          max_bytes,
        },
      };
    case 'share_held': {
      const { cameraId, heldBytes: protected_bytes } = standing.camera;
      return {
        key: `share_held ${cameraId}`,
        cameraId,
        severity: 'warning',
        payload: {
          reason: 'locked_exceeds_share',
          camera_id: cameraId,
          protected_bytes,
          share_bytes: standing.shareBytes,
          ...where,
        },
      };
    }
    case 'floor_unsatisfiable':
      return {
        key: standing.condition,
        cameraId: null,
        severity: 'critical',
        payload: { reason: standing.condition, min_free_bytes, total_bytes: standing.totalBytes, ...where },
      };
    case 'nothing_left':
      return {
        key: standing.condition,
        cameraId: null,
        severity: 'critical',
        payload: { reason: 'nothing_left_to_delete', min_free_bytes, ...where },
      };
  }
}

export function notRecovering(limits: RetentionLimits, deleted: number, root = ''): StandingNotice {
  return {
    key: 'not_recovering',
    cameraId: null,
    severity: 'critical',
    payload: {
      reason: 'prune_not_recovering_space',
      min_free_bytes: limits.minFreeBytes,
      deleted,
      ...(root === '' ? {} : { root }),
    },
  };
}

export function diskUnreadable(root = ''): StandingNotice {
  return {
    key: 'disk_unreadable',
    cameraId: null,
    severity: 'warning',
    payload: { reason: 'disk_stats_unavailable', ...(root === '' ? {} : { root }) },
  };
}
