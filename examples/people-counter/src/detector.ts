/** Where are the people in a picture? */
import { cast, expandDims, image, tensor3d, tidy } from '@tensorflow/tfjs-core';
import type { Tensor3D } from '@tensorflow/tfjs-core';
import type { GraphModel } from '@tensorflow/tfjs-converter';
import { pickPeople } from './candidates.ts';
import type { Person } from './candidates.ts';
import type { Picture } from './decode.ts';
import { loadModel } from './model.ts';

/** The model's own size; pictures are stretched to it. */
const INPUT_SIZE = 512;
/** COCO's first class. */
const PERSON = 0;

export interface PeopleDetector {
  detect(picture: Picture): Person[];
  close(): void;
}

export async function openDetector(): Promise<PeopleDetector> {
  const model = await loadModel();
  return {
    detect: (picture) => pickPeople(proposals(model, picture), picture.width / picture.height),
    close: () => model.dispose(),
  };
}

/** All that the model takes for a person, also what it is hardly sure of. */
function proposals(model: GraphModel, { width, height, rgb }: Picture): Person[] {
  const rows = tidy(() => {
    const pixels = cast(tensor3d(rgb, [height, width, 3], 'int32'), 'float32');
    const input = expandDims(image.resizeBilinear(pixels, [INPUT_SIZE, INPUT_SIZE]));
    const output = model.execute(input, 'tower_0/detections') as Tensor3D;
    return output.arraySync()[0] ?? [];
  });
  return rows.flatMap(([x1 = 0, y1 = 0, x2 = 0, y2 = 0, confidence = 0, kind]) =>
    kind === PERSON ? [{ box: scaled(x1, y1, x2, y2), confidence }] : [],
  );
}

function scaled(x1: number, y1: number, x2: number, y2: number): Person['box'] {
  return [x1 / INPUT_SIZE, y1 / INPUT_SIZE, (x2 - x1) / INPUT_SIZE, (y2 - y1) / INPUT_SIZE];
}
