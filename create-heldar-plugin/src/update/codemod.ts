/** What is a codemod? A pure function over the files of a project that brings it one thing its template has gained. */
import type { Template } from '../choices.ts';
import type { Files } from '../files.ts';

export interface Codemod {
  /** It is known by this number, which is never used again; they run in its order. */
  readonly number: number;
  /** Version of the templates that has it. */
  readonly version: string;
  /** Those it is about; all unless it says so. */
  readonly templates?: readonly Template[];
  /** What the project gains, as a clause without a full stop. */
  readonly gains: string;
  /** Of a project that has it already, nothing. */
  apply(files: Files): Edit;
}

export interface Edit {
  /** New texts by path; none: nothing to do, or nothing that can be done without its author. */
  readonly changed: Files;
  /** What its author has to do by hand, because the place is not as the template left it; null: nothing. */
  readonly left: string | null;
}

export const nothing: Edit = { changed: new Map(), left: null };
