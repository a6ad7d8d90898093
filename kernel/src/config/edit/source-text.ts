/** How is a composition's source laid out: its syntax tree, its text without comments, its line ends, quotes and indentation? */
import type { Comment, Program } from 'oxc-parser';
import { HeldarError } from '../../errors.ts';

export interface SourceText {
  readonly file: string;
  readonly text: string;
  readonly program: Program;
  /** The text with comments blanked, line breaks in them too: what it shows between two members is punctuation and space. */
  readonly bare: string;
  readonly eol: '\n' | '\r\n';
  readonly quote: "'" | '"';
  /** One step of indentation. */
  readonly indent: string;
  readonly semicolon: '' | ';';
}

/** @throws HeldarError `config_invalid` when it does not parse. */
export async function readSourceText(file: string, text: string): Promise<SourceText> {
  const { parseSync } = await import('oxc-parser');
  const { program, comments, errors } = parseSync(file, text);
  const [error] = errors;
  if (error !== undefined)
    throw new HeldarError('config_invalid', `${file} does not parse: ${error.message}`);
  const bare = blank(text, comments);
  return {
    file,
    text,
    program,
    bare,
    eol: text.includes('\r\n') ? '\r\n' : '\n',
    quote: quoteOf(bare),
    indent: indentOf(text),
    semicolon: endsWithSemicolon(program, text) ? ';' : '',
  };
}

function blank(text: string, comments: readonly Comment[]): string {
  let bare = text;
  for (const { start, end } of comments)
    bare = `${bare.slice(0, start)}${' '.repeat(end - start)}${bare.slice(end)}`;
  return bare;
}

/** The one it uses more; without any, single quotes. */
function quoteOf(bare: string): "'" | '"' {
  const strings = [...bare.matchAll(/'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"/g)];
  const double = strings.filter(([string]) => string.startsWith('"')).length;
  return double > strings.length - double ? '"' : "'";
}

/** Of the first indented line; the lines of a comment begin with an asterisk. */
function indentOf(text: string): string {
  const [first] = /^(?:\t| +)(?=[^\s*])/m.exec(text) ?? [];
  return first ?? '  ';
}

function endsWithSemicolon({ body }: Program, text: string): boolean {
  const statement = body.find(({ type }) => type === 'ImportDeclaration') ?? body.at(-1);
  return statement === undefined || text[statement.end - 1] === ';';
}

/** Where the line of a position begins. */
export function lineStart({ text }: Pick<SourceText, 'text'>, position: number): number {
  return text.lastIndexOf('\n', position - 1) + 1;
}

/** Where the line of a position ends, before its break; a comment over several lines counts as one. */
export function lineEnd({ text, bare }: Pick<SourceText, 'text' | 'bare'>, position: number): number {
  const at = bare.indexOf('\n', position);
  if (at === -1) return text.length;
  return text[at - 1] === '\r' ? at - 1 : at;
}

/** Of the line of a position. */
export function indentationAt(source: Pick<SourceText, 'text'>, position: number): string {
  const start = lineStart(source, position);
  return /^[ \t]*/.exec(source.text.slice(start))?.[0] ?? '';
}

/** Does only space, or a comment, stand before it on its line? */
export function isFirstOnLine(source: Pick<SourceText, 'text' | 'bare'>, position: number): boolean {
  return source.bare.slice(lineStart(source, position), position).trim() === '';
}
