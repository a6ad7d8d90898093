/** How recording roots are named in the settings: `name=path`. */
import { isAbsolute, resolve } from 'node:path';
import type { RecordingRoot } from './folder-identity.ts';

const item = /^([a-z0-9][a-z0-9_-]*)=(.+)$/;
/** Names the recordings folder on the command line. */
const reserved = 'default';

/** Items that were found fit. */
export function namedRoots(items: readonly string[]): RecordingRoot[] {
  return items.flatMap((text) => {
    const [, name, path] = item.exec(text) ?? [];
    return name === undefined || path === undefined ? [] : [{ name, path: resolve(path) }];
  });
}

/** Why these items can't be used, or null. */
export function problemWithRoots(items: readonly string[]): string | null {
  const names = new Set<string>();
  const paths = new Set<string>();
  for (const text of items) {
    const [, name, path] = item.exec(text) ?? [];
    if (name === undefined || path === undefined || !isAbsolute(path))
      return `'${text}': expected name=/absolute/path, the name of lower-case letters, digits, - and _`;
    if (name === reserved) return `'${name}' means the recordings folder itself; choose another name`;
    if (names.has(name) || paths.has(resolve(path))) return `'${text}': its name or path is given twice`;
    names.add(name);
    paths.add(resolve(path));
  }
  return null;
}
