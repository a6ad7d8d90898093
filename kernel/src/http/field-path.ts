/** How the place of a member is written for people: `detections[3].confidence`. */

const plainName = /^[\p{L}_$][\p{L}\p{N}_$-]*$/u;
/** Names come from callers; an answer quotes no more of one than this many characters. */
const nameShown = 60;

export type FieldPath = readonly PropertyKey[];

export function formatPath(path: FieldPath): string {
  let text = '';
  for (const part of path) {
    if (typeof part === 'number') text += `[${part}]`;
    else if (plainName.test(String(part))) text += `${text === '' ? '' : '.'}${shorten(String(part))}`;
    else text += `[${JSON.stringify(shorten(String(part)))}]`;
  }
  return text;
}

function shorten(name: string): string {
  return name.length > nameShown ? `${name.slice(0, nameShown)}…` : name;
}
