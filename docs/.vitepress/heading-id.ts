/** Which fragment leads to a heading? The one that repository hosts give it, so that a link works here and there. */

export function headingId(title: string): string {
  return title
    .trim()
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
    .replaceAll(' ', '-');
}
