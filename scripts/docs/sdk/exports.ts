/** What does a package offer to whoever imports it? Read from its entry, in the order of its exports. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseSync } from 'oxc-parser';
import { readModule, type Declaration } from './declarations.ts';

export interface OfferedModule {
  /** Absolute. */
  readonly file: string;
  /** The comment it opens with. */
  readonly comment: string;
  readonly offered: readonly Declaration[];
  /** What those above are made of and that cannot be imported: types, and values whose type is asked for. */
  readonly behind: readonly Declaration[];
}

export interface Offer {
  readonly modules: readonly OfferedModule[];
  /** From other packages, `z` of `zod`. */
  readonly passedOn: readonly { readonly name: string; readonly from: string }[];
}

/** @throws Error for a name that the entry exports and its file does not declare. */
export function readOffer(entry: string): Offer {
  const names = new Map<string, string[]>();
  const passedOn: { name: string; from: string }[] = [];
  for (const { name, from } of exportsOf(entry)) {
    if (from !== null && !from.startsWith('.')) passedOn.push({ name, from });
    else {
      const file = from === null ? entry : join(dirname(entry), from);
      names.set(file, [...(names.get(file) ?? []), name]);
    }
  }
  return { modules: [...names].map(([file, wanted]) => offeredOf(file, wanted)), passedOn };
}

function exportsOf(entry: string): { name: string; from: string | null }[] {
  const { program } = parseSync(entry, readFileSync(entry, 'utf8'));
  const own = readModule(entry).declarations.filter(({ isExported }) => isExported);
  const others = program.body.flatMap((statement) => {
    if (statement.type !== 'ExportNamedDeclaration') return [];
    const from = statement.source?.value ?? null;
    return statement.specifiers.map(({ exported }) => ({
      name: exported.type === 'Literal' ? exported.value : exported.name,
      from,
    }));
  });
  return [...own.map(({ name }) => ({ name, from: null })), ...others];
}

function offeredOf(file: string, names: readonly string[]): OfferedModule {
  const { comment, declarations } = readModule(file);
  const offered = names.map((name) => {
    const found = declarations.find((one) => one.name === name);
    if (found === undefined) throw new Error(`${file} declares no ${name}`);
    return found;
  });
  const behind: Declaration[] = [];
  for (const { code } of offered) addUsed(code, declarations, offered, behind);
  return { file, comment, offered, behind };
}

function addUsed(
  code: string,
  all: readonly Declaration[],
  offered: readonly Declaration[],
  found: Declaration[],
): void {
  const used = namesIn(code);
  for (const one of all) {
    const isUsed = one.isType ? used.has(one.name) : new RegExp(`\\btypeof ${one.name}\\b`).test(code);
    if (!isUsed || offered.includes(one) || found.includes(one)) continue;
    found.push(one);
    addUsed(one.code, all, offered, found);
  }
}

/** Identifiers in a piece of code, those in comments and texts left out. */
export function namesIn(code: string): Set<string> {
  const bare = code.replaceAll(/\/\*[\s\S]*?\*\/|\/\/.*$|'[^'\n]*'/gm, '');
  return new Set(bare.match(/\b[A-Za-z_]\w*\b/g));
}
