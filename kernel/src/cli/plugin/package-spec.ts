/** What is somebody asking for: a package of a registry, a file or URL of one, or a folder of their own? */
import { existsSync, statSync } from 'node:fs';
import { resolve } from 'node:path';
import semver from 'semver';
import { isPath } from '../../config/resolve-module.ts';
import { HeldarError } from '../../errors.ts';

export type Wanted =
  /** `range` null: any version will do. */
  | { readonly kind: 'package'; readonly name: string; readonly range: string | null; readonly spec: string }
  /** The package manager finds out its name. */
  | { readonly kind: 'unnamed'; readonly spec: string }
  /** Absolute. */
  | { readonly kind: 'path'; readonly path: string };

/** None begins with a hyphen: the package manager would take it for an option. */
const packageName = /^(?:@[a-z0-9~-][a-z0-9._~-]*\/)?[a-z0-9~][a-z0-9._~-]*$/;

/** @throws HeldarError `usage` when it is none of them. */
export function readWanted(text: string, cwd: string): Wanted {
  if (/\.(?:tgz|tar\.gz)$/.test(text) && !/^[a-z+]+:\/\//.test(text)) {
    const file = resolve(cwd, text);
    if (!existsSync(file)) throw new HeldarError('usage', `there is no file ${file}`);
    return { kind: 'unnamed', spec: file };
  }
  if (isPath(text)) {
    const path = resolve(cwd, text);
    if (statSync(path, { throwIfNoEntry: false }) === undefined)
      throw new HeldarError('usage', `there is neither a file nor a folder ${path}`);
    return { kind: 'path', path };
  }
  const at = text.indexOf('@', 1);
  const name = at === -1 ? text : text.slice(0, at);
  const range = at === -1 ? null : text.slice(at + 1);
  // A range says which version; anything else (a tag, a Git address) is for the package manager to look up.
  if (
    packageName.test(name) &&
    (range === null || semver.validRange(range) !== null || /^[\w.-]+$/.test(range))
  )
    return { kind: 'package', name, range, spec: text };
  if (/^(?:[a-z+]+:|\w[\w.-]*\/[\w.-]+)/.test(text)) return { kind: 'unnamed', spec: text };
  throw new HeldarError('usage', `'${text}' is no package, no path and no address of one`);
}
