/** Which id a name gives. */

/**
 * ASCII letters lower-cased, digits kept, every run of anything else one `_`, none at the ends; nothing left gives `camera`.
 * @example slugOf('Gate A 01') // 'gate_a_01'
 */
export function slugOf(text: string): string {
  const slug = text
    .replaceAll(/[^A-Za-z0-9]+/g, '_')
    .replaceAll(/^_+|_+$/g, '')
    .toLowerCase();
  return slug === '' ? 'camera' : slug;
}
