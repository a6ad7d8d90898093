/** Where in a source file a value stands, and how that place is shown. */
import { readFile } from 'node:fs/promises';
import { isAbsolute, relative } from 'node:path';
import { findValue } from './find-value.ts';
import type { Keys, Origin } from './origin.ts';

export interface CodeLocation {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  /** From 1, in UTF-16 code units. */
  readonly column: number;
  /** The line with a mark under the value. */
  readonly frame: string;
  /** False when the value itself is not written there, but what should hold it is. */
  readonly exact: boolean;
}

/**
 * Finds the value at `keys` in a composition's source: `['api', 'port']`, `['plugins', 1, 'config', 'graceMinutes']`,
 * where `config` is the options of a `use(…)` or of a plugin called by name. Answers the nearest place that holds it
 * when it isn't written literally, and undefined when the file can't be read or parsed.
 */
export async function locateConfigValue(file: string, keys: Keys): Promise<CodeLocation | undefined> {
  const source = await readFile(file, 'utf8').catch(() => undefined);
  if (source === undefined) return undefined;
  const found = await findValue(file, source, keys);
  return found && locateSpan(file, source, found.start, found.end, found.exact);
}

/** The place of a span of a source text. */
export function locateSpan(
  file: string,
  source: string,
  start: number,
  end: number,
  exact = true,
): CodeLocation {
  const lineStart = source.lastIndexOf('\n', start - 1) + 1;
  const line = source.slice(0, lineStart).split('\n').length;
  const column = start - lineStart + 1;
  return { file, line, column, frame: drawFrame(source, line, column, end - start), exact };
}

/** The place of a line and column, both from 1, such as a stack trace gives. */
export function locatePoint(
  file: string,
  source: string,
  line: number,
  column: number,
): CodeLocation | undefined {
  if (line < 1 || line > source.split('\n').length) return undefined;
  return { file, line, column, frame: drawFrame(source, line, column, 1), exact: true };
}

/** Two lines: the source line with its number, and a mark under `length` characters from `column` on. */
function drawFrame(source: string, line: number, column: number, length: number): string {
  const text = (source.split('\n')[line - 1] ?? '').trimEnd();
  const number = String(line);
  const marked = Math.max(1, Math.min(length, text.length - column + 1));
  // Tabs keep their width above and below.
  const indent = text.slice(0, column - 1).replace(/[^\t]/g, ' ');
  return `${number} │ ${text}\n${' '.repeat(number.length)} │ ${indent}${'^'.repeat(marked)}`;
}

/** `heldar.config.ts:7:49` and the frame, indented. */
export function showLocation(location: CodeLocation, cwd: string, indent: string): string {
  return [showPlaceOf(location, cwd), ...location.frame.split('\n')]
    .map((text) => `${indent}${text}`)
    .join('\n');
}

/** One line: `heldar.config.ts:7:12`. */
export function showPlaceOf({ file, line, column }: CodeLocation, cwd: string): string {
  return `${showFile(file, cwd)}:${line}:${column}`;
}

/** A path relative to the working directory when it lies below it. */
export function showFile(file: string, cwd: string): string {
  const path = relative(cwd, file);
  return path.startsWith('..') || isAbsolute(path) || path === '' ? file : path;
}

/** The place of a value's origin, when it is written in a composition. */
export async function locateOrigin(origin: Origin): Promise<CodeLocation | undefined> {
  if (origin.kind !== 'composition' || origin.file === null) return undefined;
  return locateConfigValue(origin.file, origin.keys);
}

/** One line: `heldar.config.ts:7`, `HELDAR_API_PORT (.env:3)`, `default`. */
export async function showOrigin(origin: Origin, cwd: string): Promise<string> {
  switch (origin.kind) {
    case 'default':
      return origin.of === undefined ? 'default' : `default, in ${origin.of}`;
    case 'variable':
      return origin.file === null
        ? origin.name
        : `${origin.name} (${showFile(origin.file, cwd)}:${origin.line})`;
    case 'composition': {
      if (origin.file === null) return 'the program';
      const location = await locateOrigin(origin);
      return location ? `${showFile(origin.file, cwd)}:${location.line}` : showFile(origin.file, cwd);
    }
  }
}
