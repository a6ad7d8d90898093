/** Whose code is this? Places in a stack, and the folder each lies in. */
import { realpathSync } from 'node:fs';
import { sep } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CodePlace {
  /** Absolute path. */
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1; null where the stack does not say. */
  readonly column: number | null;
}

const inParentheses = /\(((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n]*?):(\d+):(\d+)\)/;
const bare = /^\s*(?:at (?:async )?)?((?:file:\/\/|\/|[A-Za-z]:[\\/])[^\n]*?):(\d+)(?::(\d+))?\s*$/;

/** The places of a stack, the innermost first; those of Node itself are left out. A syntax error's place is the first line of its stack. */
export function placesOf(error: unknown): CodePlace[] {
  if (!(error instanceof Error) || error.stack === undefined) return [];
  return error.stack.split('\n').flatMap((line) => {
    const [, file, row, column] = inParentheses.exec(line) ?? bare.exec(line) ?? [];
    if (file === undefined) return [];
    return [{ file: pathOf(file), line: Number(row), column: column === undefined ? null : Number(column) }];
  });
}

/** A file's path, however an engine names it: as a URL, with a query, or as a path. */
export function pathOf(urlOrPath: string): string {
  if (!urlOrPath.startsWith('file://')) return urlOrPath.replace(/[?#].*$/, '');
  try {
    return fileURLToPath(urlOrPath.replace(/[?#].*$/, ''));
  } catch {
    return urlOrPath;
  }
}

/** `file:line:column`. */
export function showPlace({ file, line, column }: CodePlace): string {
  return column === null ? `${file}:${line}` : `${file}:${line}:${column}`;
}

/** Folder → whose code lies in it. */
export type CodeOwners = ReadonlyMap<string, string>;

/**
 * The innermost place that lies in an owner's folder, and that owner. The deepest folder decides, so that a package within another is
 * its own; dependencies below `node_modules` of a folder are not the folder's.
 */
export function ownerAmong(
  places: readonly CodePlace[],
  owners: CodeOwners,
): { owner: string; place: CodePlace } | null {
  for (const place of places) {
    const owner = ownerOfFile(place.file, owners);
    if (owner !== null) return { owner, place };
  }
  return null;
}

function ownerOfFile(file: string, owners: CodeOwners): string | null {
  let owner: string | null = null;
  let longest = -1;
  for (const [folder, name] of owners) {
    if (folder.length <= longest || !isWithin(file, folder)) continue;
    owner = name;
    longest = folder.length;
  }
  return owner;
}

export function isWithin(file: string, folder: string): boolean {
  const start = folder.endsWith(sep) ? folder : folder + sep;
  return file.startsWith(start) && !file.slice(start.length).split(sep).includes('node_modules');
}

/** Stacks show real paths: a workspace's package is a link. */
export function realFolder(folder: string): string {
  try {
    return realpathSync(folder);
  } catch {
    return folder;
  }
}
