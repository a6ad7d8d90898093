/** What do all clients of one simulated camera share? */
import type { Clock } from '../clock.ts';
import type { Broadcast } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import type { MediaTrack } from './mp4-tracks.ts';
import type { Sessions } from './sessions.ts';

export interface Camera {
  /** Path of the camera's address, beginning with a slash. */
  readonly path: string;
  readonly tracks: readonly MediaTrack[];
  readonly broadcast: Broadcast;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: CameraLog;
  /** Bytes that may wait for a client that reads slowly. */
  readonly maxQueuedBytes: number;
}
