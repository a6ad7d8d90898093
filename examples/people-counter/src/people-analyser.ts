/** What is sent to Heldar about the people in the frames of one task? */
import type { Analyser, FoundObject, Frame } from '@heldar/plugin-sdk/worker';
import { decodeJpeg } from './decode.ts';
import type { PeopleDetector } from './detector.ts';
import { followPeople } from './tracker.ts';
import type { Track, TrackedPerson } from './tracker.ts';

/** `nextId` must never give an id twice, not even after a restart of the worker: zones remember who is inside. */
export function createPeopleAnalyser(
  detector: Pick<PeopleDetector, 'detect'>,
  nextId: () => string,
  now: () => number,
): Analyser {
  let tracks: readonly Track[] = [];
  return {
    analyse(frame) {
      const found = detector.detect(decodeJpeg(frame.jpeg));
      const followed = followPeople(tracks, found, capturedAtMs(frame, now()), nextId);
      tracks = followed.tracks;
      return { detections: followed.people.map(describe) };
    },
  };
}

/** Ids of the form `<run>-<n>`: the run tells this worker from the ones before. */
export function trackIds(run: string): () => string {
  let count = 0;
  return () => `${run}-${++count}`;
}

function describe({ trackId, box, confidence }: TrackedPerson): FoundObject {
  const [x, y, w, h] = box;
  return {
    label: 'person',
    confidence: rounded(confidence, 4),
    bbox: [rounded(x, 5), rounded(y, 5), rounded(w, 5), rounded(h, 5)],
    track_id: trackId,
  };
}

function capturedAtMs({ capturedAt, ageMs }: Frame, now: number): number {
  const capturedMs = Date.parse(capturedAt);
  return Number.isNaN(capturedMs) ? now - (ageMs ?? 0) : capturedMs;
}

function rounded(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}
