/** What does a worker see? Batches of detections for tests: single ones, and tracks that walk across the picture. */
import type { JsonObject } from '@heldar/plugin-sdk';

/** A detection as a worker posts it; what is left out is absent. */
export interface SeenObject {
  readonly label?: string | null;
  readonly confidence?: number | null;
  /** `[x, y, w, h]`, normalised to 0..1. */
  readonly bbox?: readonly [x: number, y: number, w: number, h: number] | null;
  readonly track_id?: string | null;
  readonly attributes?: JsonObject;
}

export interface SeenBatch {
  readonly camera: string;
  readonly taskType: string;
  readonly detections: readonly SeenObject[];
  /** Without one, a batch that is posted twice counts twice. */
  readonly frameId?: string;
  /** Capture time, ms since the epoch; default: when it is posted. */
  readonly at?: number;
  /** How far the clock moves before it is posted, ms; default 0. */
  readonly afterMs?: number;
}

/** A batch with what is usual filled in: the task type `detection`, nothing seen. */
export function batch(camera: string, fields: Partial<Omit<SeenBatch, 'camera'>> = {}): SeenBatch {
  return { camera, taskType: 'detection', detections: [], ...fields };
}

export interface Walk {
  readonly camera: string;
  readonly taskType?: string;
  readonly track?: string;
  readonly label?: string;
  readonly attributes?: JsonObject;
  /** Centre of the box at the first and last frame, 0..1; default from the left edge to the right, half way down. */
  readonly from?: readonly [x: number, y: number];
  readonly to?: readonly [x: number, y: number];
  /** Width and height of the box, 0..1. */
  readonly size?: readonly [width: number, height: number];
  readonly frames?: number;
  /** Between two frames. */
  readonly everyMs?: number;
}

/** One object that walks in a straight line across the picture, a batch a frame, each with a frame id of its own. */
export function track(walk: Walk): SeenBatch[] {
  const { camera, taskType = 'detection', track: id = '1', label = 'person', attributes } = walk;
  const { from = [0.05, 0.5], to = [0.95, 0.5], size = [0.1, 0.2], frames = 10, everyMs = 500 } = walk;
  return Array.from({ length: frames }, (_, index) => {
    const part = frames === 1 ? 0 : index / (frames - 1);
    const [x, y] = [from[0] + (to[0] - from[0]) * part, from[1] + (to[1] - from[1]) * part];
    const [width, height] = size;
    return {
      camera,
      taskType,
      frameId: `${camera}-${taskType}-${id}-${index}`,
      afterMs: everyMs,
      detections: [
        {
          label,
          confidence: 0.9,
          bbox: [x - width / 2, y - height / 2, width, height],
          track_id: id,
          ...(attributes === undefined ? {} : { attributes }),
        },
      ],
    };
  });
}
