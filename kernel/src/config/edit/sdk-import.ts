/** What is `use` called in a composition, and how does it come to be imported? */
import type { MagicString } from 'magic-string';
import type { ImportDeclaration } from 'oxc-parser';
import { appendMember, type MemberList } from './members.ts';
import { printText } from './print-value.ts';
import { lineEnd, type SourceText } from './source-text.ts';

const sdk = '@heldar/plugin-sdk';

/** Answers what to call; adds the import where there is none. */
export function importUse(edit: MagicString, source: SourceText): string {
  const declarations = importsOf(source).filter(
    ({ source: from, importKind }) => from.value === sdk && importKind !== 'type',
  );
  for (const { specifiers } of declarations)
    for (const specifier of specifiers) {
      if (specifier.type === 'ImportNamespaceSpecifier') return `${specifier.local.name}.use`;
      if (specifier.type !== 'ImportSpecifier' || specifier.importKind === 'type') continue;
      if (specifier.imported.type === 'Identifier' && specifier.imported.name === 'use')
        return specifier.local.name;
    }
  const isTaken = /\buse\b/.test(source.bare.replace(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g, ''));
  const name = isTaken ? 'usePlugin' : 'use';
  const imported = isTaken ? 'use as usePlugin' : 'use';
  const names = declarations.map((declaration) => namesOf(source, declaration)).find((list) => list !== null);
  if (names) appendMember(edit, source, names, imported);
  else
    addImport(edit, source, `import { ${imported} } from ${printText(sdk, source.quote)}${source.semicolon}`);
  return name;
}

/** Does it import anything of the SDK, so that the SDK is surely there? */
export function importsSdk(source: SourceText): boolean {
  return importsOf(source).some(
    ({ source: from, importKind }) => from.value === sdk && importKind !== 'type',
  );
}

export function importsOf({ program }: SourceText): ImportDeclaration[] {
  return program.body.filter((statement) => statement.type === 'ImportDeclaration');
}

/** The names between the braces; null: it has no braces. */
export function namesOf({ bare }: SourceText, { specifiers }: ImportDeclaration): MemberList | null {
  const members = specifiers.filter(({ type }) => type === 'ImportSpecifier');
  const [first] = members;
  const last = members.at(-1);
  if (first === undefined || last === undefined) return null;
  return {
    open: bare.lastIndexOf('{', first.start) + 1,
    close: bare.indexOf('}', last.end),
    members,
    padding: ' ',
  };
}

function addImport(edit: MagicString, source: SourceText, line: string): void {
  const last = importsOf(source).at(-1);
  if (last !== undefined) edit.appendLeft(lineEnd(source, last.end), `${source.eol}${line}`);
  // Behind the comment that a file opens with.
  else edit.appendLeft(source.program.body[0]?.start ?? 0, `${line}${source.eol}${source.eol}`);
}
