/** What do the workers of the proof see? Tracks that wander across the picture, the same for the same seed, camera and frame. */
import { randomOf } from './random.ts';

export const cameras = ['gate', 'yard', 'ramp', 'dock', 'hall', 'roof', 'pier', 'lane'] as const;

export interface Detection {
  readonly label: string | null;
  readonly confidence: number | null;
  readonly bbox: readonly number[] | null;
  readonly track_id: string | null;
  readonly attributes: { readonly [name: string]: unknown };
}

/** The body of a POST, without its time. */
export interface Frame {
  readonly camera_id: string;
  readonly task_type: 'people' | 'vehicles';
  readonly frame_id: string;
  readonly detections: readonly Detection[];
  readonly event?: { readonly event_type: string; readonly severity: string; readonly payload: object };
}

/** A track begins every few frames and lives for many. */
const framesBetweenTracks = 8;
const framesOfTrack = 32;
const framesBeforeVehicles = 12;

export function makeFrame(seed: string, camera: string, number: number): Frame {
  const random = randomOf(seed, camera, number);
  const frameId = `${camera}-${number}`;
  // No vehicles at first: some consumers want nothing else, and must not mind when they were started.
  const taskType = number < framesBeforeVehicles || random.next() < 0.7 ? 'people' : 'vehicles';
  const detections: Detection[] = [];
  const newest = Math.floor(number / framesBetweenTracks);
  for (let track = Math.max(0, newest - framesOfTrack / framesBetweenTracks); track <= newest; track += 1) {
    const age = number - track * framesBetweenTracks;
    if (age < framesOfTrack && random.next() < 0.9)
      detections.push(detectionOf(seed, camera, track, age, random.next()));
  }
  if (random.next() < 0.05)
    detections.push({ label: null, confidence: null, bbox: null, track_id: null, attributes: {} });
  const isRefused = random.next() < 1 / 1500;
  if (isRefused) detections.push({ ...noise, attributes: { speed: -1_000_000 } });
  const event = { event_type: 'worker_note', severity: 'info', payload: { frame_id: frameId } };
  return {
    camera_id: camera,
    task_type: taskType,
    frame_id: frameId,
    detections,
    ...(random.next() < 0.05 ? { event } : {}),
  };
}

const noise: Detection = {
  label: 'ghost',
  confidence: 0.1,
  bbox: [0, 0, 0, 0],
  track_id: null,
  attributes: {},
};

/** Tracks go from left to right, or back and forth, at a height of their own; one detection in ten lacks its attributes. */
function detectionOf(seed: string, camera: string, track: number, age: number, chance: number): Detection {
  const own = randomOf(seed, camera, 'track', track);
  const label = own.next() < 0.7 ? 'person' : 'car';
  const height = own.next();
  const progress = own.next() < 0.5 ? age / framesOfTrack : Math.abs(((age / 6) % 2) - 1);
  const fraction = (value: number) => Math.round(value * 1000) / 1000;
  return {
    label,
    confidence: fraction(0.5 + chance / 2),
    bbox: [fraction(progress), fraction(height * 0.8), 0.1, 0.1],
    track_id: `${track}`,
    attributes: chance < 0.1 ? {} : { speed: Math.round(chance * 3000) },
  };
}
