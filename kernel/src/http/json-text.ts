/** Which JSON texts are acceptable, and what is the value of one? */
import { isUtf8 } from 'node:buffer';
import { HeldarError } from '../errors.ts';
import { formatPath } from './field-path.ts';
import { locateFault, type FaultKind } from './json-fault.ts';

/** Deep enough for anything a worker or a person sends, and far from the 1000 at which SQLite's JSON functions give up. */
export const maxJsonDepth = 64;

/**
 * The value of a JSON text. Beyond the grammar: at most 64 levels, every number finite, no member twice in one object.
 *
 * JSON.parse alone keeps the last of two members, makes 1e999 Infinity and takes any depth. A parser of our own that notices all
 * that costs several times as much, and every body of every worker passes here. So a scan counts the members in the text,
 * JSON.parse judges the grammar, and a walk over its value counts the members again: the counts differ exactly when a name
 * stands twice in one object. Where a fault is, is worked out only when there is one.
 *
 * @throws HeldarError `malformed_json`, or `wrong_shape` for a member given twice; both say where.
 */
export function parseJsonText(source: string | Uint8Array): unknown {
  const text = typeof source === 'string' ? source : decodeUtf8(source);
  const members = countMembers(text);
  if (members === tooDeep) throw faultIn(text, 'depth');
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw faultIn(text, 'syntax');
  }
  const kept = countKept([value]);
  if (kept < 0) throw faultIn(text, 'number');
  if (kept !== members) throw faultIn(text, 'duplicate');
  return value;
}

const tooDeep = -1;

const quote = 0x22;
const backslash = 0x5c;
const colon = 0x3a;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Colons outside of strings: in valid JSON, the members of all objects. Answers `tooDeep` where the 65th level opens. */
function countMembers(text: string): number {
  let members = 0;
  let depth = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) at = endOfString(text, at);
    else if (code === colon) members += 1;
    else if (code === openBrace || code === openBracket) {
      depth += 1;
      if (depth > maxJsonDepth) return tooDeep;
    } else if (code === closeBrace || code === closeBracket) depth -= 1;
  }
  return members;
}

function endOfString(text: string, start: number): number {
  let at = start + 1;
  for (; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === quote) break;
    if (code === backslash) at += 1;
  }
  return at;
}

/** Members of all objects within, or minus infinity when a number is not finite. */
function countKept(container: object): number {
  const values: unknown[] = Array.isArray(container) ? container : Object.values(container);
  let members = values === container ? 0 : values.length;
  for (const value of values) {
    if (typeof value === 'number') {
      if (!Number.isFinite(value)) return Number.NEGATIVE_INFINITY;
    } else if (typeof value === 'object' && value !== null) members += countKept(value);
  }
  return members;
}

function decodeUtf8(bytes: Uint8Array): string {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const text = buffer.toString('utf8');
  if (isUtf8(bytes)) return text;
  const offset = Buffer.from(text).findIndex((byte, index) => byte !== buffer[index]);
  throw new HeldarError('malformed_json', `the body is not UTF-8 at byte ${offset}`, { details: { offset } });
}

/** Says where: the offset is in characters (UTF-16 code units) from 0. */
function faultIn(text: string, kind: FaultKind): HeldarError {
  if (text.trim() === '')
    return new HeldarError('malformed_json', 'the body is empty; JSON is expected', {
      details: { offset: 0 },
    });
  const fault = locateFault(text, kind, maxJsonDepth);
  const { offset, path } = fault;
  const place = path.length === 0 ? '' : `${formatPath(path)}: `;
  const details = { offset, path: formatPath(path) };
  switch (fault.kind) {
    case 'syntax': {
      const what = offset >= text.length ? 'the JSON ends too early,' : 'not valid JSON';
      return new HeldarError('malformed_json', `${place}${what} at offset ${offset}`, { details });
    }
    case 'depth':
      return new HeldarError(
        'malformed_json',
        `${place}nested deeper than ${maxJsonDepth} levels at offset ${offset}`,
        { details },
      );
    case 'number':
      return new HeldarError('malformed_json', `${place}the number at offset ${offset} is too large`, {
        details,
      });
    case 'duplicate':
      return new HeldarError('wrong_shape', `${place}given twice, again at offset ${offset}`, { details });
  }
}
