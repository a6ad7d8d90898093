/** A composition's source with one plugin less, and what was imported for it alone. */
import { MagicString } from 'magic-string';
import type { ImportDeclaration } from 'oxc-parser';
import { findPluginList } from './find-list.ts';
import { removeMember } from './members.ts';
import { importsOf, namesOf } from './sdk-import.ts';
import { isFirstOnLine, lineEnd, lineStart, readSourceText, type SourceText } from './source-text.ts';

export type RemovedEntry =
  | { readonly text: string; readonly code: string }
  /** It is computed: `at` is where, `what` is computed. */
  | { readonly text: null; readonly at: number; readonly what: string };

/**
 * `index`: of the entry in the list of plugins, as the composition evaluates it.
 * @throws HeldarError `config_invalid` when `text` does not parse.
 */
export async function removeEntry(file: string, text: string, index: number): Promise<RemovedEntry> {
  const source = await readSourceText(file, text);
  const found = findPluginList(source);
  if (found.kind !== 'list')
    return { text: null, at: found.kind === 'computed' ? found.at : 0, what: 'the list of plugins' };
  const { members } = found.list;
  const spread = members.slice(0, index + 1).find(({ start }) => text.startsWith('...', start));
  const member = members[index];
  if (spread !== undefined || member === undefined)
    return { text: null, at: spread?.start ?? found.list.open, what: 'a part of the list of plugins' };
  const edit = new MagicString(text);
  removeMember(edit, source, found.list, index);
  await removeUnusedImports(edit, source, member);
  return { text: edit.toString(), code: text.slice(member.start, member.end) };
}

interface Range {
  readonly start: number;
  readonly end: number;
}

/** Names that only the removed code used: a compiler or linter would stumble over them. */
async function removeUnusedImports(edit: MagicString, source: SourceText, removed: Range): Promise<void> {
  const places = await identifierPlaces(source);
  const isIn = (at: number, { start, end }: Range) => at >= start && at < end;
  for (const declaration of importsOf(source)) {
    const unused = declaration.specifiers.filter(({ local }) => {
      const uses = (places.get(local.name) ?? []).filter((at) => !isIn(at, declaration));
      return uses.length > 0 && uses.every((at) => isIn(at, removed));
    });
    if (unused.length === 0) continue;
    if (unused.length === declaration.specifiers.length) removeImport(edit, source, declaration);
    else if (unused.length === 1) removeName(edit, source, declaration, unused[0]?.start);
  }
}

/** Positions of each name, also of members called so: then it is kept. */
async function identifierPlaces({ program }: SourceText): Promise<Map<string, number[]>> {
  const { Visitor } = await import('oxc-parser');
  const places = new Map<string, number[]>();
  new Visitor({
    Identifier({ name, start }) {
      places.set(name, [...(places.get(name) ?? []), start]);
    },
  }).visit(program);
  return places;
}

/** A name of several; a default import beside names in braces is left. */
function removeName(
  edit: MagicString,
  source: SourceText,
  declaration: ImportDeclaration,
  start: number | undefined,
): void {
  const names = namesOf(source, declaration);
  const at = names?.members.findIndex((name) => name.start === start) ?? -1;
  if (names !== null && at !== -1 && names.members.length > 1) removeMember(edit, source, names, at);
}

function removeImport(edit: MagicString, source: SourceText, declaration: ImportDeclaration): void {
  const end = lineEnd(source, declaration.end);
  const isAlone =
    isFirstOnLine(source, declaration.start) && source.bare.slice(declaration.end, end).trim() === '';
  if (!isAlone) edit.remove(declaration.start, declaration.end);
  else edit.remove(lineStart(source, declaration.start), afterBreaks(source, end, declaration.start));
}

/** The line break behind it; of an import that a file opens with, also the empty line. */
function afterBreaks({ text, program }: SourceText, end: number, start: number): number {
  const isOnly = program.body[0]?.start === start && program.body[1]?.type !== 'ImportDeclaration';
  const breaks = (isOnly ? /^(?:\r?\n){1,2}/ : /^\r?\n/).exec(text.slice(end))?.[0].length ?? 0;
  return end + breaks;
}
