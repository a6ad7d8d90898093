/** What is found in a frame? Put the model here. */
import type { Analysis, Frame } from '@heldar/plugin-sdk/worker';

export function analyse({ jpeg }: Pick<Frame, 'jpeg'>): Analysis {
  return { detections: [{ label: 'picture', attributes: { bytes: jpeg.byteLength } }] };
}
