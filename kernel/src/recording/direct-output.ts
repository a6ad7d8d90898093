/** Files of a recorder that are recordings as they are: written among them, indexed as they close. */
import type { RecorderOutput } from './camera-recorder.ts';
import type { CameraStatus } from './camera-status.ts';
import type { GrowingSync } from './growing-sync.ts';
import type { Indexer } from './indexer.ts';

export function createDirectOutput(options: {
  /** Of the camera's recordings, absolute. */
  folder: string;
  indexer: Pick<Indexer, 'index'>;
  status: Pick<CameraStatus, 'recording'>;
  sync: GrowingSync;
}): RecorderOutput {
  const { folder, indexer, status, sync } = options;
  return {
    folder,
    sync,
    flows: (startedAt) => status.recording(startedAt),
    closed: (run, closed) => indexer.index(run, closed),
    ended() {},
    holds: () => false,
  };
}
