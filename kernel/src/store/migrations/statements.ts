/**
 * Where does each statement of a migration begin and end?
 *
 * Follows SQLite's own tokenizer (strings, quoted names, comments) and the rule of `sqlite3_complete` for triggers: their
 * statement ends with `; END ;`. A wrong split can't pass: every piece is compiled alone, and a piece of two statements or of half
 * a one does not compile.
 */

export interface Statement {
  readonly text: string;
  /** Line of its first word, from 1. */
  readonly line: number;
  /** In upper case; '' when it does not begin with a word. */
  readonly firstWord: string;
}

interface Token {
  readonly kind: 'word' | 'semicolon' | 'other';
  readonly text: string;
  readonly start: number;
  readonly end: number;
}

export function splitStatements(sql: string): Statement[] {
  const statements: Statement[] = [];
  let tokens: Token[] = [];
  const finish = (end: number): void => {
    const [first] = tokens;
    tokens = [];
    if (first === undefined || first.kind === 'semicolon') return;
    statements.push({
      text: sql.slice(first.start, end),
      line: sql.slice(0, first.start).split('\n').length,
      firstWord: first.kind === 'word' ? first.text.toUpperCase() : '',
    });
  };
  for (const token of tokensOf(sql)) {
    tokens.push(token);
    if (token.kind === 'semicolon' && (!createsTrigger(tokens) || endsTrigger(tokens))) finish(token.end);
  }
  finish(sql.length);
  return statements;
}

/** The unquoted words of a text that SQLite accepted, in upper case. */
export function wordsOf(sql: string): string[] {
  return [...tokensOf(sql)].filter((token) => token.kind === 'word').map((token) => token.text.toUpperCase());
}

function createsTrigger(tokens: readonly Token[]): boolean {
  const [first, second, third] = tokens;
  if (!isWord(first, 'CREATE')) return false;
  return isWord(second, 'TRIGGER') || (isWord(second, 'TEMP', 'TEMPORARY') && isWord(third, 'TRIGGER'));
}

function endsTrigger(tokens: readonly Token[]): boolean {
  return isWord(tokens.at(-2), 'END') && tokens.at(-3)?.kind === 'semicolon';
}

function isWord(token: Token | undefined, ...words: readonly string[]): boolean {
  return token?.kind === 'word' && words.includes(token.text.toUpperCase());
}

const blank = /[ \t\n\f\r]+|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/y;
const word = /[A-Za-z0-9_$\u0080-\uffff]+/y;
const quotedText = /'(?:[^']|'')*(?:'|$)|"(?:[^"]|"")*(?:"|$)|`(?:[^`]|``)*(?:`|$)|\[[^\]]*(?:\]|$)/y;

function* tokensOf(sql: string): Generator<Token> {
  let at = 0;
  while (at < sql.length) {
    const skipped = matchAt(blank, sql, at);
    if (skipped !== null) {
      at += skipped.length;
      continue;
    }
    const found = matchAt(word, sql, at);
    const text = found ?? matchAt(quotedText, sql, at) ?? sql.charAt(at);
    const kind = found !== null ? 'word' : text === ';' ? 'semicolon' : 'other';
    yield { kind, text, start: at, end: at + text.length };
    at += text.length;
  }
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}
