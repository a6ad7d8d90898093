/** How often would a zone report that somebody came in or went out? */
import type { TrackedPerson } from '../src/tracker.ts';

export interface Zone {
  readonly name: string;
  readonly polygon: readonly (readonly [number, number])[];
}

export interface Crossings {
  enter: number;
  exit: number;
}

interface Presence {
  inside: boolean;
  /** Whether the last observation spoke against `inside`. */
  doubted: boolean;
}

/** A person is where the middle of the box's lower edge is; two observations in a row change a presence. */
export function countCrossings(zone: Zone, frames: readonly (readonly TrackedPerson[])[]): Crossings {
  const crossings = { enter: 0, exit: 0 };
  const presences = new Map<string, Presence>();
  for (const { trackId, box } of frames.flat()) {
    const presence = presences.get(trackId) ?? { inside: false, doubted: false };
    presences.set(trackId, presence);
    const isInside = contains(zone.polygon, box[0] + box[2] / 2, box[1] + box[3]);
    if (isInside === presence.inside) presence.doubted = false;
    else if (!presence.doubted) presence.doubted = true;
    else {
      presence.inside = isInside;
      presence.doubted = false;
      crossings[isInside ? 'enter' : 'exit'] += 1;
    }
  }
  return crossings;
}

/** Even-odd rule. */
export function contains(polygon: Zone['polygon'], x: number, y: number): boolean {
  let inside = false;
  let [previousX, previousY] = polygon.at(-1) ?? [0, 0];
  for (const [cornerX, cornerY] of polygon) {
    const crosses = cornerY > y !== previousY > y;
    if (crosses && x < ((previousX - cornerX) * (y - cornerY)) / (previousY - cornerY) + cornerX)
      inside = !inside;
    previousX = cornerX;
    previousY = cornerY;
  }
  return inside;
}
