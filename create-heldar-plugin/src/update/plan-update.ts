/** What does a project gain, and what is left to its author? Decided from its files alone. */
import { Failure } from '../failure.ts';
import type { Files } from '../files.ts';
import type { Codemod } from './codemod.ts';
import { setMember } from './edits.ts';
import { compareVersions, readMark, type TemplateMark } from './template-mark.ts';

export interface Update {
  readonly from: TemplateMark;
  readonly to: TemplateMark;
  /** Codemods that had something to do, in their order. */
  readonly steps: readonly Step[];
  /** New texts by path, package.json with the new mark last. */
  readonly changed: Files;
}

export interface Step {
  readonly codemod: Codemod;
  readonly paths: readonly string[];
  readonly left: string | null;
}

/**
 * `version`: of the templates as they are now.
 * @throws Failure when the project does not say its template, or was made from a newer one.
 */
export function planUpdate(files: Files, codemods: readonly Codemod[], version: string): Update {
  const from = readMark(files);
  if (compareVersions(from.version, version) > 0)
    throw new Failure(
      `the project was made from the templates ${from.version}; this command knows them up to ${version}`,
      'run the newest: npm create heldar-plugin@latest update',
    );
  const now = new Map(files);
  const changed = new Map<string, string>();
  const put = (edited: Files) => {
    for (const [path, text] of edited) {
      now.set(path, text);
      // A file that is edited again moves to the end.
      changed.delete(path);
      changed.set(path, text);
    }
  };
  const steps = codemods
    .filter(({ templates }) => templates === undefined || templates.includes(from.name))
    .filter((codemod) => compareVersions(codemod.version, from.version) > 0)
    .flatMap((codemod): Step[] => {
      const edit = codemod.apply(now);
      put(edit.changed);
      const paths = [...edit.changed.keys()];
      return paths.length === 0 && edit.left === null ? [] : [{ codemod, paths, left: edit.left }];
    });
  put(setMember(now, 'package.json', ['heldar', 'template', 'version'], version).changed);
  return { from, to: { ...from, version }, steps, changed };
}
