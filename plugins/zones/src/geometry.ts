/** Where does an object stand, and is that inside a polygon? */
import type { Json } from '@heldar/plugin-sdk';
import type { Point } from './schema.ts';

/** Bottom centre of `[x, y, w, h]`, not clamped to the picture; undefined when the box is not four numbers or more. */
export function groundPoint(bbox: Json): Point | undefined {
  if (!Array.isArray(bbox) || bbox.length < 4) return undefined;
  const [x, y, width, height] = bbox as readonly unknown[];
  if (!isFinite(x) || !isFinite(y) || !isFinite(width) || !isFinite(height)) return undefined;
  return [x + width / 2, y + height];
}

/** Even-odd rule; the last point is joined to the first. Fewer than three points enclose nothing. */
export function encloses(polygon: readonly Point[], [x, y]: Point): boolean {
  if (polygon.length < 3) return false;
  let inside = false;
  let [xj, yj] = polygon[polygon.length - 1] as Point;
  for (let index = 0; index < polygon.length; index += 1) {
    const [xi, yi] = polygon[index] as Point;
    if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside;
    xj = xi;
    yj = yi;
  }
  return inside;
}

function isFinite(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value);
}
