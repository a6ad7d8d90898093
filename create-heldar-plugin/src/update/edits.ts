/** How does a codemod change a project without touching what its author has changed? */
import { type Edit, nothing } from './codemod.ts';
import type { Files } from '../files.ts';

/** A file that is missing; one that is there is its author's. */
export function addFile(files: Files, path: string, text: string): Edit {
  return files.has(path) ? nothing : { changed: new Map([[path, text]]), left: null };
}

/**
 * A place in a file: `before` becomes `after`. Where `before` does not stand exactly once, `byHand` says what to do, unless
 * `after` stands there already or the file is gone.
 */
export function replaceText(
  files: Files,
  path: string,
  { before, after, byHand }: { before: string; after: string; byHand: string },
): Edit {
  const text = files.get(path);
  if (text === undefined || text.includes(after)) return nothing;
  const [head, tail, ...more] = text.split(before);
  if (head === undefined || tail === undefined || more.length > 0)
    return { changed: new Map(), left: `${path}: ${byHand}` };
  return { changed: new Map([[path, head + after + tail]]), left: null };
}

/** A member of a JSON file, behind its neighbours; one that is there, with whatever value, is its author's. */
export function addMember(files: Files, path: string, keys: readonly string[], value: unknown): Edit {
  return editJson(files, path, keys, (known) => (known === undefined ? value : known));
}

/** A member of a JSON file gets a value, whatever it had. */
export function setMember(files: Files, path: string, keys: readonly string[], value: unknown): Edit {
  return editJson(files, path, keys, () => value);
}

function editJson(
  files: Files,
  path: string,
  keys: readonly string[],
  change: (known: unknown) => unknown,
): Edit {
  const text = files.get(path);
  if (text === undefined) return nothing;
  const before: unknown = JSON.parse(text);
  const after = changeAt(before, keys, change);
  if (JSON.stringify(after) === JSON.stringify(before)) return nothing;
  const indent = /^[\t ]+/m.exec(text)?.[0] ?? '  ';
  const end = text.endsWith('\n') ? '\n' : '';
  return { changed: new Map([[path, JSON.stringify(after, null, indent) + end]]), left: null };
}

function changeAt(
  value: unknown,
  [key, ...rest]: readonly string[],
  change: (known: unknown) => unknown,
): unknown {
  if (key === undefined) return change(value);
  const members = typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
  return { ...members, [key]: changeAt(members[key], rest, change) };
}
