/** What does a source file declare, as its user sees it? Names, comments and types, without the bodies of functions. */
import { readFileSync } from 'node:fs';
import { parseSync, type Class, type Comment, type Directive, type Statement } from 'oxc-parser';

export interface Declaration {
  readonly name: string;
  readonly isType: boolean;
  readonly isExported: boolean;
  /** The comment above it, without its stars; empty when there is none. */
  readonly comment: string;
  readonly code: string;
}

export interface Module {
  /** The comment the file opens with. */
  readonly comment: string;
  readonly declarations: readonly Declaration[];
}

/** @throws Error for a file that does not parse. */
export function readModule(file: string): Module {
  return parseModule(file, readFileSync(file, 'utf8'));
}

export function parseModule(file: string, source: string): Module {
  const { program, comments, errors } = parseSync(file, source);
  if (errors[0] !== undefined) throw new Error(`${file}: ${errors[0].message}`);
  return {
    comment: comments[0] === undefined ? '' : textOf(comments[0]),
    declarations: program.body.flatMap((statement) => {
      const found = describe(statement, source);
      return found === null ? [] : [{ ...found, comment: commentAbove(statement.start, source, comments) }];
    }),
  };
}

function describe(statement: Directive | Statement, source: string): Omit<Declaration, 'comment'> | null {
  const isExported = statement.type === 'ExportNamedDeclaration';
  const declared = isExported ? statement.declaration : statement;
  if (declared === null) return null;
  const code = (end: number) => withoutHints(source.slice(statement.start, end).trim());
  switch (declared.type) {
    case 'TSInterfaceDeclaration':
    case 'TSTypeAliasDeclaration':
      return { name: declared.id.name, isType: true, isExported, code: code(statement.end) };
    case 'FunctionDeclaration': {
      const name = declared.id?.name ?? '';
      const end = declared.body?.start ?? statement.end;
      return {
        name,
        isType: false,
        isExported,
        code: `${code(end)
          .replace(/;$/, '')
          .replace(/\basync /, '')};`,
      };
    }
    case 'VariableDeclaration': {
      const id = declared.declarations[0]?.id;
      const name = id?.type === 'Identifier' ? id.name : '';
      return { name, isType: false, isExported, code: code(statement.end) };
    }
    case 'ClassDeclaration': {
      const text = withoutHints(withoutBodies(declared, source, statement.start));
      return { name: declared.id?.name ?? '', isType: false, isExported, code: text };
    }
    default:
      return null;
  }
}

function withoutBodies(declared: Class, source: string, start: number): string {
  let text = '';
  let at = start;
  for (const member of declared.body.body) {
    if (member.type !== 'MethodDefinition' || member.value.body === null) continue;
    text += `${source.slice(at, member.value.body.start).trimEnd()};`;
    at = member.value.body.end;
  }
  return text + source.slice(at, declared.end);
}

/** What is said to the linter is nothing to a reader. */
function withoutHints(code: string): string {
  return code.replaceAll(/^ *\/\/ oxlint-disable.*\n| *\/\/ oxlint-disable.*$/gm, '');
}

function commentAbove(start: number, source: string, comments: readonly Comment[]): string {
  const above = comments.findLast(({ value, end }) => end <= start && value.startsWith('*'));
  const isAdjacent = above !== undefined && /^ *\n( *\/\/.*\n)*$/.test(source.slice(above.end, start));
  return isAdjacent ? textOf(above) : '';
}

function textOf({ value }: Comment): string {
  return value
    .replace(/^\*/, '')
    .split('\n')
    .map((line) => line.replace(/^\s*\* ?/, ''))
    .join('\n')
    .trim();
}
