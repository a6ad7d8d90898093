/** What do all clients of one simulated camera share? */
import type { Clock } from '../clock.ts';
import type { Authentication } from './authentication.ts';
import type { Broadcast } from './broadcast.ts';
import type { CameraLog } from './camera-log.ts';
import type { Conduct } from './conduct.ts';
import type { Sessions } from './sessions.ts';

export interface Camera {
  /** Path of the camera's address, beginning with a slash. */
  readonly path: string;
  readonly broadcast: Broadcast;
  readonly sessions: Sessions;
  readonly clock: Clock;
  readonly log: CameraLog;
  readonly conduct: Conduct;
  /** null: whoever asks is answered. */
  readonly authentication: Authentication | null;
  /** Bytes that may wait for a client that reads slowly. */
  readonly maxQueuedBytes: number;
}
