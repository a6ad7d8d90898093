/** The load of the benchmarks: batches of five detections, distinct keys, people who walk through zones, from eight cameras. */

export const cameras = Array.from({ length: 8 }, (_, index) => `cam${index + 1}`);

export interface BatchBody {
  readonly camera_id: string;
  readonly task_type: string;
  readonly frame_id: string;
  readonly detections: readonly {
    readonly label: string;
    readonly confidence: number;
    readonly bbox: readonly [number, number, number, number];
    readonly track_id: string;
    readonly attributes: { readonly class_id: number };
  }[];
}

/** Steps a person takes from one side of the picture to the other and back. */
const crossing = 400;

/** The `n`-th batch of a run; successive batches go to successive cameras. */
export function batchOf(run: string, n: number): BatchBody {
  const camera = cameras[n % cameras.length] ?? 'cam1';
  const step = Math.floor(n / cameras.length);
  return {
    camera_id: camera,
    task_type: 'detection',
    frame_id: `ai_00000000000000000000000000000000:${run}:${n}`,
    detections: Array.from({ length: 5 }, (_, person) => {
      const phase = ((step + person * 83) % crossing) / crossing;
      const x = phase < 0.5 ? phase * 2 : 2 - phase * 2;
      return {
        label: person === 4 ? 'car' : 'person',
        confidence: 0.5 + person / 10,
        bbox: [round(x * 0.9), round(0.1 + person * 0.15), 0.08, 0.2],
        track_id: String(person + 1),
        attributes: { class_id: person === 4 ? 2 : 0 },
      };
    }),
  };
}

function round(value: number): number {
  return Math.round(value * 1e5) / 1e5;
}

/** Two zones a camera: the left half for people, a strip for everything. */
export const zones = [
  {
    name: 'left half',
    polygon: [
      [0, 0],
      [0.5, 0],
      [0.5, 1],
      [0, 1],
    ],
    labels: ['person'],
  },
  {
    name: 'strip',
    polygon: [
      [0.6, 0],
      [0.8, 0],
      [0.8, 1],
      [0.6, 1],
    ],
    dwell_seconds: 1,
  },
];
