/** What is told of an event? */
import type { JournalEvent } from '@heldar/plugin-sdk';

export interface Message {
  readonly id: string;
  readonly type: string;
  readonly camera: string | null;
  readonly severity: string;
  /** RFC 3339. */
  readonly at: string;
  readonly payload: unknown;
}

export function messageOf({ id, type, cameraId, severity, timestamp, payload }: JournalEvent): Message {
  return { id, type, camera: cameraId, severity, at: new Date(timestamp).toISOString(), payload };
}
