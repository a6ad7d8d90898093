/** How do the copies of each camera fare, and what has to be said about it? Pure. */
import type { Camera } from '../cameras/registry.ts';
import { mirrorOffline, mirrorOnline } from '../media/media-events.ts';
import type { MirrorChange, MirrorState, MirrorStatusRow } from '../store/mirrors.ts';
import type { NewEvent } from '../store/units.ts';
import type { MirrorFault } from './mirror-folder.ts';

type MirroredCamera = Pick<Camera, 'id' | 'siteId' | 'enabled' | 'recordEnabled' | 'mirrorEnabled'>;

export interface MirrorFacts {
  readonly cameras: readonly MirroredCamera[];
  /** What is noted of each camera now. */
  readonly noted: ReadonlyMap<string, Pick<MirrorStatusRow, 'state' | 'lastError' | 'updatedAt'>>;
  /** null: copies succeed. */
  readonly fault: MirrorFault | null;
  /** A mirror is configured. */
  readonly hasMirror: boolean;
  readonly now: number;
}

/** Changes only; an event only where an outage begins or ends. */
export function planMirrorStates(facts: MirrorFacts): {
  readonly changes: readonly MirrorChange[];
  readonly events: readonly NewEvent[];
} {
  const { fault, now } = facts;
  const changes: MirrorChange[] = [];
  const events: NewEvent[] = [];
  for (const camera of facts.cameras) {
    const before = facts.noted.get(camera.id);
    const state = stateOf(camera, facts);
    const lastError = isOutage(state) ? (fault?.reason ?? null) : null;
    if (before === undefined && state === 'disabled') continue;
    if (before?.state === state && before.lastError === lastError) continue;
    changes.push({ cameraId: camera.id, state, lastError });
    const wasOutage = before !== undefined && isOutage(before.state);
    if (isOutage(state) && !wasOutage) events.push(mirrorOffline(camera, now, lastError ?? ''));
    if (wasOutage && state === 'recording')
      events.push(mirrorOnline(camera, now, Math.max(0, now - before.updatedAt)));
  }
  return { changes, events };
}

function stateOf(camera: MirroredCamera, { fault, hasMirror }: MirrorFacts): MirrorState {
  if (!hasMirror || !camera.enabled || !camera.recordEnabled || !camera.mirrorEnabled) return 'disabled';
  return fault?.kind ?? 'recording';
}

function isOutage(state: MirrorState): boolean {
  return state === 'offline' || state === 'error';
}
