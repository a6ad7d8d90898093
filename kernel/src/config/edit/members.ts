/** How does a list between brackets get one member more or less, so that everything else stays as it is? */
import type { MagicString } from 'magic-string';
import { indentationAt, isFirstOnLine, lineEnd, lineStart, type SourceText } from './source-text.ts';

/** An array, an object or the names of an import. */
export interface MemberList {
  /** Behind the opening bracket. */
  readonly open: number;
  /** Of the closing bracket. */
  readonly close: number;
  readonly members: readonly { readonly start: number; readonly end: number }[];
  /** What stands inside the brackets of a short one: `{ a }`, `[a]`. */
  readonly padding: '' | ' ';
}

/** Puts `code` last, on a line of its own where the list has a line for each. */
export function appendMember(edit: MagicString, source: SourceText, list: MemberList, code: string): void {
  const last = list.members.at(-1);
  if (last === undefined) return addFirst(edit, source, list, code);
  const comma = commaAfter(source, last.end, list.close);
  const end = comma === -1 ? last.end : comma + 1;
  if (!source.bare.slice(end, list.close).includes('\n')) {
    const at = end + source.text.slice(end, list.close).trimEnd().length;
    edit.appendLeft(at, comma === -1 ? `, ${code}` : ` ${code},`);
    return;
  }
  if (comma === -1) edit.appendLeft(last.end, ',');
  const indent = isFirstOnLine(source, last.start)
    ? indentationAt(source, last.start)
    : indentationAt(source, list.close) + source.indent;
  edit.appendLeft(lineEnd(source, end), `${source.eol}${indent}${code}${comma === -1 ? '' : ','}`);
}

function addFirst(edit: MagicString, source: SourceText, { open, close, padding }: MemberList, code: string) {
  const inside = source.text.slice(open, close);
  if (inside.includes('\n') && isFirstOnLine(source, close)) {
    const indent = indentationAt(source, close) + source.indent;
    edit.appendLeft(lineStart(source, close), `${indent}${code},${source.eol}`);
  } else if (inside === '') edit.appendLeft(open, `${padding}${code}${padding}`);
  else edit.appendLeft(open + inside.trimEnd().length, ` ${code}`);
}

/** Takes one out, with its line and the comment behind it where it has a line of its own. */
export function removeMember(edit: MagicString, source: SourceText, list: MemberList, index: number): void {
  const member = list.members[index];
  if (member === undefined) return;
  const before = list.members[index - 1];
  const next = list.members[index + 1];
  const commaBefore = before === undefined ? -1 : commaAfter(source, before.end, member.start);
  const comma = commaAfter(source, member.end, next?.start ?? list.close);
  const end = comma === -1 ? member.end : comma + 1;
  const rest = lineEnd(source, end);
  if (
    isFirstOnLine(source, member.start) &&
    rest < list.close &&
    source.bare.slice(end, rest).trim() === ''
  ) {
    if (comma === -1 && commaBefore !== -1) edit.remove(commaBefore, commaBefore + 1);
    edit.remove(lineStart(source, member.start), source.text.indexOf('\n', rest) + 1);
  } else if (commaBefore !== -1) edit.remove(commaBefore, member.end);
  else if (next !== undefined && !source.bare.slice(end, next.start).includes('\n'))
    edit.remove(member.start, next.start);
  else {
    const space = /[ \t]*$/.exec(source.text.slice(list.open, member.start))?.[0].length ?? 0;
    edit.remove(member.start - space, end);
  }
}

/** -1: there is none. */
function commaAfter({ bare }: SourceText, from: number, to: number): number {
  const at = bare.indexOf(',', from);
  return at < to ? at : -1;
}
