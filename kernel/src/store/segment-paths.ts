/** Where does what belongs to a segment lie, below the same root? */

/** Of its preview: beside the footage. */
export function previewPath(segmentPath: string): string {
  return `${segmentPath.replace(/\.mp4$/, '')}.jpg`;
}
