/** Which steps does a tutorial tell its reader to take? Each block of code is one, in the order of the page. */

export type Step =
  /** A file with this text. */
  | { readonly kind: 'file'; readonly path: string; readonly text: string }
  /** Changes of a file, saved together: what stands on the page one behind the other. */
  | { readonly kind: 'change'; readonly path: string; readonly edits: readonly Edit[] }
  /** Commands; `output`: what the page says they print, null where it says nothing. */
  | { readonly kind: 'run'; readonly commands: string; readonly output: Output | null }
  /** A command that goes on running. */
  | { readonly kind: 'start'; readonly command: string }
  /** What the command that goes on running prints next. */
  | { readonly kind: 'printed'; readonly output: Output };

/** One passage becomes another. */
export interface Edit {
  readonly from: string;
  readonly to: string;
}

export interface Output {
  readonly format: 'text' | 'json';
  readonly text: string;
}

interface Block {
  /** ```ts src/index.ts: the language, then the word behind it. */
  readonly language: string;
  readonly word: string;
  readonly text: string;
  /** Of the page, from 1. */
  readonly line: number;
}

/** @throws Error for a block that is no step: on a tutorial nothing stands that is not tried. */
export function readSteps(page: string): Step[] {
  const steps: Step[] = [];
  for (const block of readBlocks(page)) {
    const { language, word, text } = block;
    const last = steps.at(-1);
    if (language === 'sh' && word === '') steps.push({ kind: 'run', commands: text, output: null });
    else if (language === 'sh' && word === 'running') steps.push({ kind: 'start', command: text.trim() });
    else if (isOutput(language) && word === 'running')
      steps.push({ kind: 'printed', output: { format: language, text } });
    else if (isOutput(language) && word === '' && last?.kind === 'run' && last.output === null)
      steps.splice(-1, 1, { ...last, output: { format: language, text } });
    else if (language === 'diff' && last?.kind === 'change' && last.path === word)
      steps.splice(-1, 1, { ...last, edits: [...last.edits, readEdit(text)] });
    else if (language === 'diff' && word !== '')
      steps.push({ kind: 'change', path: word, edits: [readEdit(text)] });
    else if (word.includes('.')) steps.push({ kind: 'file', path: word, text });
    else throw new Error(`line ${block.line}: a block '${language} ${word}' says nothing to try`);
  }
  return steps;
}

function isOutput(language: string): language is Output['format'] {
  return language === 'text' || language === 'json';
}

function readBlocks(page: string): Block[] {
  return [...page.matchAll(/^```(\w*) ?(\S*)\n([\s\S]*?)^```$/gm)].map((match) => {
    const [, language = '', word = '', text = ''] = match;
    return { language, word, text, line: page.slice(0, match.index).split('\n').length };
  });
}

/** Both sides of a difference: lines that begin with a blank stand on both. */
function readEdit(text: string): Edit {
  const lines = text.split('\n').slice(0, -1);
  const side = (marks: string) =>
    lines
      .filter((line) => line === '' || marks.includes(line[0] ?? ''))
      .map((line) => `${line.slice(1)}\n`)
      .join('');
  return { from: side(' -'), to: side(' +') };
}
