/** How do two boxes in a picture lie to each other? */

/** `[x, y, w, h]` from the top left, as parts of the picture's width and height, 0..1. */
export type Box = readonly [number, number, number, number];

export function overlapArea(a: Box, b: Box): number {
  const width = Math.min(a[0] + a[2], b[0] + b[2]) - Math.max(a[0], b[0]);
  const height = Math.min(a[1] + a[3], b[1] + b[3]) - Math.max(a[1], b[1]);
  return width > 0 && height > 0 ? width * height : 0;
}

/** Intersection over union: 1 for equal boxes, 0 for disjoint ones. */
export function iou(a: Box, b: Box): number {
  const shared = overlapArea(a, b);
  const all = a[2] * a[3] + b[2] * b[3] - shared;
  return all > 0 ? shared / all : 0;
}

/** Which part of `inner` lies in `outer`. */
export function partInside(inner: Box, outer: Box): number {
  const area = inner[2] * inner[3];
  return area > 0 ? overlapArea(inner, outer) / area : 0;
}

/** The same centre, each side longer by `part` of itself at both ends. */
export function widen(box: Box, part: number): Box {
  const [x, y, w, h] = box;
  return [x - w * part, y - h * part, w * (1 + 2 * part), h * (1 + 2 * part)];
}

/** Cut to the picture. */
export function clampBox([x, y, w, h]: Box): Box {
  const left = Math.min(1, Math.max(0, x));
  const top = Math.min(1, Math.max(0, y));
  return [left, top, Math.min(1, Math.max(0, x + w)) - left, Math.min(1, Math.max(0, y + h)) - top];
}
