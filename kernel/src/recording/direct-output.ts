/** Files of a recorder that are recordings as they are: written among them, indexed as they close. */
import type { RecorderOutput } from './camera-recorder.ts';
import type { CameraStatus } from './camera-status.ts';
import type { StorageFault } from './folder-identity.ts';
import type { GrowingSync } from './growing-sync.ts';
import type { Indexer } from './indexer.ts';
import type { OutageLog } from './outage-log.ts';

export function createDirectOutput(options: {
  /** Of the camera's recordings, absolute. */
  folder: string;
  /** Why nothing can be recorded there, as seen now. */
  rootFault: () => Promise<StorageFault | null>;
  indexer: Pick<Indexer, 'index'>;
  status: Pick<CameraStatus, 'recording'>;
  outages: Pick<OutageLog, 'begin' | 'end'>;
  sync: GrowingSync;
}): RecorderOutput {
  const { folder, rootFault, indexer, status, outages, sync } = options;
  return {
    folder,
    sync,
    fault: rootFault,
    flows(startedAt) {
      outages.end();
      return status.recording(startedAt);
    },
    closed: (run, closed) => indexer.index(run, closed),
    ended: (cause, at) => outages.begin(cause, at),
    holds: () => false,
  };
}
