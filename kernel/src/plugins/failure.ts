/** Why a plugin does not run, told so that its author can mend it: the stage, the reason, the place, the next step. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { locatePoint, locateSpan } from '../config/code-frame.ts';
import { HeldarError, messageOf } from '../errors.ts';
import {
  isWithin,
  pathOf,
  placesOf,
  realFolder,
  showPlace,
  type CodePlace,
} from '../runtime/stack-places.ts';

export type Stage =
  'manifest' | 'pre-flight' | 'import' | 'config' | 'migrations' | 'setup' | 'health' | 'start' | 'running';

export interface PluginFailure {
  readonly stage: Stage;
  readonly reason: string;
  /** `file:line:column`, as far as it is known. */
  readonly place: string | null;
  /** A code frame, where a line is known. */
  readonly frame: string | null;
  readonly next: string;
}

export interface FailurePlace {
  /** Of the plugin's package: its innermost line in the stack of the error is the place. */
  readonly folder?: string | null;
  readonly place?: string | null;
  readonly frame?: string | null;
}

/** `next` null: what there is to do follows from whether a place is known. */
export function failure(
  stage: Stage,
  error: unknown,
  next: string | null,
  where: FailurePlace = {},
): PluginFailure {
  const found = where.place === undefined ? codePlaceOf(error, where.folder ?? null) : null;
  const place = where.place ?? (found === null ? null : showPlace(found));
  const named = place === null ? 'mend what the text names' : 'mend the place named';
  return {
    stage,
    reason: messageOf(error),
    place,
    frame: where.frame ?? (found === null ? null : frameAt(found)),
    next: next ?? `${named}, then start again`,
  };
}

/** The same of an error that may say itself what to do next; `step`: what there is to do else. */
export function failureOf(
  stage: Stage,
  error: unknown,
  step: string | null,
  folder: string | null,
): PluginFailure {
  const own = error instanceof HeldarError ? error.details['next'] : undefined;
  return failure(stage, error, typeof own === 'string' ? own : step, { folder });
}

/** The first line of the stack inside the plugin's folder, else the first that is neither of the kernel, of Node nor of a dependency. */
export function placeOf(error: unknown, folder: string | null): string | null {
  const found = codePlaceOf(error, folder);
  return found === null ? null : showPlace(found);
}

/** `kernel/src` or `kernel/dist`. */
export const kernelFolder = realFolder(fileURLToPath(new URL('..', import.meta.url))).replace(/[\\/]$/, '');

function codePlaceOf(error: unknown, folder: string | null): CodePlace | null {
  const places = placesOf(error);
  const own = folder === null ? undefined : places.find((place) => isWithin(place.file, realFolder(folder)));
  const foreign = places.find(
    ({ file }) => !isWithin(file, kernelFolder) && !/[\\/]node_modules[\\/]/.test(file),
  );
  return own ?? importerOf(error) ?? foreign ?? null;
}

/** Node tells only in the text which file imports a module that is not there. */
function importerOf(error: unknown): CodePlace | null {
  if ((error as { code?: unknown } | null)?.code !== 'ERR_MODULE_NOT_FOUND') return null;
  const file = / imported from (.+)$/m.exec(messageOf(error))?.[1];
  const missing = /^Cannot find (?:package|module) '([^']+)'/.exec(messageOf(error))?.[1];
  if (file === undefined || missing === undefined) return null;
  const path = pathOf(file);
  const name = missing.replace(/^.*[\\/]/, '');
  const lines = readLines(path);
  const line = lines.findIndex((text) => /\b(?:import|from|require)\b/.test(text) && text.includes(name));
  if (line === -1) return null;
  return { file: path, line: line + 1, column: (lines[line]?.indexOf(name) ?? 0) + 1 };
}

/** Without a column the whole line is marked. */
function frameAt({ file, line, column }: CodePlace): string | null {
  const lines = readLines(file);
  const text = lines[line - 1];
  if (text === undefined) return null;
  const source = lines.join('\n');
  if (column !== null) return locatePoint(file, source, line, column)?.frame ?? null;
  const start = lines.slice(0, line - 1).join('\n').length + (line === 1 ? 0 : 1);
  const indent = text.length - text.trimStart().length;
  return locateSpan(file, source, start + indent, start + text.trimEnd().length).frame;
}

/** None when the file can't be read: it may be gone, or was never a file. */
function readLines(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n');
  } catch {
    return [];
  }
}

/** One line, for where there is no room for more. */
export function failureLine(name: string, { stage, reason, place, next }: PluginFailure): string {
  const [first = ''] = reason.split('\n');
  return `${name} failed (${stage}): ${first}${place === null ? '' : ` at ${place}`}; next: ${next}`;
}

/** As the terminal shows a change that did not come about. */
export function describeRefusal(name: string, version: string, why: PluginFailure): string {
  return describe(
    `✖ ${version === '' ? name : `${name} ${version}`} was not changed — what ran before serves on`,
    why,
  );
}

/** As the terminal shows it. */
export function describeFailure(name: string, version: string, why: PluginFailure, serving: number): string {
  const rest =
    serving === 0
      ? 'no other plugin is running'
      : `the other ${serving} plugin${serving === 1 ? ' is' : 's are'} serving`;
  return describe(`✖ ${version === '' ? name : `${name} ${version}`} failed to start — ${rest}`, why);
}

function describe(head: string, { reason, place, frame, next }: PluginFailure): string {
  const lines = [head, ...reason.split('\n').map((line) => `  ${line}`)];
  if (place !== null) lines.push(`    ${place}`);
  if (frame !== null) lines.push(...frame.split('\n').map((line) => `    ${line}`));
  lines.push(`  next: ${next}`);
  return lines.join('\n');
}
