/** Which detection of a batch speaks for each track? */
import type { Detection } from '@heldar/plugin-sdk';
import { groundPoint } from './geometry.ts';
import type { Point } from './schema.ts';

/** One track as one batch shows it. */
export interface Observation {
  readonly trackId: string;
  /** '' when the detection had none. */
  readonly label: string;
  readonly at: Point;
}

/** Longest track id and label taken, in UTF-16 code units: both become part of the durable state. */
export const maxTextLength = 512;

/**
 * Per track the detection with the highest confidence (none counts as 0) among those with a usable box; the earlier
 * one on a tie. In the order in which the tracks first appear.
 */
export function observeTracks(detections: readonly Detection[]): Observation[] {
  const best = new Map<string, { confidence: number; observation: Observation }>();
  for (const { track_id, label, confidence, bbox } of detections) {
    if (track_id === null || track_id.length > maxTextLength || (label?.length ?? 0) > maxTextLength)
      continue;
    const at = groundPoint(bbox);
    if (!at) continue;
    // Half a surrogate pair does not survive the database; state and rows must agree.
    const trackId = track_id.toWellFormed();
    const rival = best.get(trackId);
    if (rival && rival.confidence >= (confidence ?? 0)) continue;
    best.set(trackId, {
      confidence: confidence ?? 0,
      observation: { trackId, label: label?.toWellFormed() ?? '', at },
    });
  }
  return [...best.values()].map(({ observation }) => observation);
}
