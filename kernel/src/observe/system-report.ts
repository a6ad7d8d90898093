/** How does this node fare? Its cameras, its recordings, its disk, from running totals: never a count over what grows. */
import type { Clock } from '../clock.ts';
import type { CameraRegistry } from '../cameras/registry.ts';
import type { CameraTotals, RetentionQueries } from '../store/retention-queries.ts';
import type { Store } from '../store/store.ts';
import { newestDiskAlert, recordingCameras } from '../store/system-queries.ts';
import type { DiskFigures } from './contract-families.ts';
import { overlayStatus, type OverlaySettings, type OverlayStatus } from './overlay.ts';

export interface SystemReport {
  /** ms since the epoch. */
  readonly startedAt: number;
  readonly uptimeSeconds: number;
  readonly camerasTotal: number;
  readonly camerasRecording: number;
  /** Cameras with a recorder, also one that waits. */
  readonly activeRecorders: number;
  readonly segments: number;
  readonly recordingsBytes: number;
  /** Start of the oldest segment and end of the newest, ms; null without any. */
  readonly oldestSegment: number | null;
  readonly newestSegment: number | null;
  readonly writtenBytesPerDay: number;
  /** Null: unreadable. */
  readonly disk: DiskFigures | null;
  /** Until the disk is full at that rate; null while one of them is unknown. */
  readonly daysLeft: number | null;
  readonly overlay: OverlayStatus;
  readonly isDiskHealthy: boolean;
  /** ms; null: never. */
  readonly lastDiskAlertAt: number | null;
}

export interface SystemReports {
  /** Of the cameras that `sees` admits: figures of others do not show in it. */
  read(sees: (cameraId: string) => boolean): Promise<SystemReport>;
}

const dayMs = 86_400_000;
/** An alert younger than this counts, also when checks are frequent, ms. */
const alertMinMs = 900_000;

export function createSystemReports(options: {
  store: Pick<Store, 'read'>;
  queries: RetentionQueries;
  registry: Pick<CameraRegistry, 'list'>;
  clock: Clock;
  disk: () => Promise<DiskFigures | null>;
  /** Cameras that have a recorder. */
  recorders: () => readonly string[];
  overlay: OverlaySettings;
  diskCheckIntervalMs: number;
}): SystemReports {
  const { store, queries, registry, clock } = options;
  const startedAt = clock.now();
  const startedMonotonic = clock.monotonic();
  const alertMs = Math.max(3 * options.diskCheckIntervalMs, alertMinMs);
  return {
    async read(sees) {
      const [disk, overlay] = await Promise.all([options.disk(), overlayStatus(options.overlay)]);
      const now = clock.now();
      const seen = registry.list().filter(({ id }) => sees(id));
      const { segments, bytes } = sumOf(queries.totals().filter(({ cameraId }) => sees(cameraId)));
      const bounds = queries.bounds(seen.map(({ id }) => id));
      const writtenBytesPerDay = queries.writtenSince(now - dayMs);
      const lastDiskAlertAt = newestDiskAlert(store.read);
      return {
        startedAt,
        uptimeSeconds: Math.floor((clock.monotonic() - startedMonotonic) / 1000),
        camerasTotal: seen.length,
        camerasRecording: recordingCameras(store.read).filter(sees).length,
        activeRecorders: options.recorders().filter(sees).length,
        segments,
        recordingsBytes: bytes,
        oldestSegment: bounds.oldest,
        newestSegment: bounds.newest,
        writtenBytesPerDay,
        disk,
        daysLeft: disk === null || writtenBytesPerDay === 0 ? null : disk.freeBytes / writtenBytesPerDay,
        overlay,
        isDiskHealthy: lastDiskAlertAt === null || now - lastDiskAlertAt > alertMs,
        lastDiskAlertAt,
      };
    },
  };
}

function sumOf(totals: readonly CameraTotals[]): { segments: number; bytes: number } {
  return totals.reduce(
    (sum, { segmentCount, sizeBytes }) => ({
      segments: sum.segments + segmentCount,
      bytes: sum.bytes + sizeBytes,
    }),
    { segments: 0, bytes: 0 },
  );
}
