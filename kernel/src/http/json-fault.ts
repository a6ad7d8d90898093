/** Where is a JSON text at fault? Slow and exact; runs only for texts that are refused. */
import type { FieldPath } from './field-path.ts';

export type FaultKind = 'syntax' | 'depth' | 'number' | 'duplicate';

export interface Fault {
  readonly kind: FaultKind;
  /** In characters (UTF-16 code units) from 0; the length of the text when it ends too early. */
  readonly offset: number;
  readonly path: FieldPath;
}

/** The first fault of that kind, or what stopped the reading before it. */
export function locateFault(text: string, kind: FaultKind, maxDepth: number): Fault {
  const faults = findFaults(text, maxDepth);
  return (
    faults.find((fault) => fault.kind === kind) ?? faults.at(-1) ?? { kind, offset: text.length, path: [] }
  );
}

/** The first fault of each kind, in reading order. Reading ends at a syntax error or where the text is too deep. */
export function findFaults(text: string, maxDepth: number): Fault[] {
  const reader: Reader = { text, at: 0, path: [], faults: [], maxDepth };
  try {
    skipBlanks(reader);
    readValue(reader);
    skipBlanks(reader);
    if (reader.at < text.length) fail(reader, 'syntax');
  } catch (error) {
    if (error !== stopReading) throw error;
  }
  return reader.faults;
}

interface Reader {
  readonly text: string;
  at: number;
  readonly path: (string | number)[];
  readonly faults: Fault[];
  readonly maxDepth: number;
}

const stopReading = Symbol('stop reading');

const blanks = /[ \t\n\r]*/y;
const numberPattern = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const wordPattern = /true|false|null/y;
// oxlint-disable-next-line no-control-regex -- the grammar excludes exactly these
const plainCharacters = /[^"\\\u0000-\u001f]+/y;
const escapePattern = /\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4})/y;

function readValue(reader: Reader): void {
  const start = reader.at;
  const first = reader.text[start];
  if (first === '{') readObject(reader);
  else if (first === '[') readArray(reader);
  else if (first === '"') readString(reader);
  else if (take(reader, wordPattern) === null) {
    const digits = take(reader, numberPattern);
    if (digits === null) fail(reader, 'syntax');
    else if (!Number.isFinite(Number(digits))) note(reader, 'number', start);
  }
}

function readObject(reader: Reader): void {
  enter(reader);
  const seen = new Set<string>();
  for (let more = !closes(reader, '}'); more; more = continues(reader, '}')) {
    const start = reader.at;
    if (reader.text[start] !== '"') fail(reader, 'syntax');
    const name = readString(reader);
    reader.path.push(name);
    if (seen.has(name)) note(reader, 'duplicate', start);
    seen.add(name);
    skipBlanks(reader);
    expect(reader, ':');
    skipBlanks(reader);
    readValue(reader);
    reader.path.pop();
  }
}

function readArray(reader: Reader): void {
  enter(reader);
  let index = 0;
  for (let more = !closes(reader, ']'); more; more = continues(reader, ']')) {
    reader.path.push(index);
    readValue(reader);
    reader.path.pop();
    index += 1;
  }
}

function readString(reader: Reader): string {
  const start = reader.at;
  reader.at += 1;
  while (take(reader, plainCharacters) !== null || take(reader, escapePattern) !== null);
  expect(reader, '"');
  return JSON.parse(reader.text.slice(start, reader.at)) as string;
}

function enter(reader: Reader): void {
  if (reader.path.length >= reader.maxDepth) fail(reader, 'depth');
  reader.at += 1;
  skipBlanks(reader);
}

function closes(reader: Reader, bracket: string): boolean {
  if (reader.text[reader.at] !== bracket) return false;
  reader.at += 1;
  return true;
}

/** After an element: true behind a comma, false behind the closing bracket. */
function continues(reader: Reader, bracket: string): boolean {
  skipBlanks(reader);
  if (closes(reader, bracket)) return false;
  expect(reader, ',');
  skipBlanks(reader);
  return true;
}

function expect(reader: Reader, character: string): void {
  if (!closes(reader, character)) fail(reader, 'syntax');
}

function skipBlanks(reader: Reader): void {
  take(reader, blanks);
}

function take(reader: Reader, pattern: RegExp): string | null {
  pattern.lastIndex = reader.at;
  const match = pattern.exec(reader.text);
  if (match === null) return null;
  reader.at += match[0].length;
  return match[0];
}

function note(reader: Reader, kind: FaultKind, offset: number): void {
  if (reader.faults.some((fault) => fault.kind === kind)) return;
  reader.faults.push({ kind, offset, path: [...reader.path] });
}

function fail(reader: Reader, kind: 'syntax' | 'depth'): never {
  note(reader, kind, reader.at);
  throw stopReading;
}
