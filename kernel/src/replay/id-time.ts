/** When was an id made? Ids of the kernel begin with their time. */

const made = /^(?:[a-z][a-z0-9-]*_)?([0-9a-f]{12})[0-9a-f]{20}$/;
const uuid = /^([0-9a-f]{8})-([0-9a-f]{4})-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;

/** Log time of an event's id or of one that `fx.id` made, ms; null for anything else. */
export function timeOfId(id: unknown): number | null {
  if (typeof id !== 'string') return null;
  const [, high, low] = uuid.exec(id) ?? [];
  const hex = high === undefined ? made.exec(id)?.[1] : `${high}${low ?? ''}`;
  return hex === undefined ? null : Number.parseInt(hex, 16);
}
