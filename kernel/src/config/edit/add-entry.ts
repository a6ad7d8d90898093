/** A composition's source with one plugin more, and not a character of its author's changed. */
import { MagicString } from 'magic-string';
import { findPluginList } from './find-list.ts';
import { appendMember } from './members.ts';
import { printText, printValue } from './print-value.ts';
import { importsSdk, importUse } from './sdk-import.ts';
import { readSourceText, type SourceText } from './source-text.ts';

export interface NewEntry {
  /** As an import in the file would name it. */
  readonly specifier: string;
  /** Options; undefined: none. */
  readonly config: unknown;
  /** Can the file import `@heldar/plugin-sdk`? */
  readonly canImportSdk: boolean;
}

export type AddedEntry =
  | { readonly text: string; readonly code: string }
  /** The list is computed: `at` is where, `what` is computed, `code` is to be added by hand. */
  | { readonly text: null; readonly code: string; readonly at: number; readonly what: string };

/** @throws HeldarError `config_invalid` when `text` does not parse. */
export async function addEntry(file: string, text: string, entry: NewEntry): Promise<AddedEntry> {
  const source = await readSourceText(file, text);
  const found = findPluginList(source);
  if (found.kind === 'computed')
    return { text: null, code: codeOf(entry, 'use', source), at: found.at, what: found.what };
  const edit = new MagicString(text);
  // Without the SDK only a name will do; with it, the options are typed by the plugin.
  const usesSdk = importsSdk(source) || entry.canImportSdk || entry.config !== undefined;
  const code = codeOf(entry, usesSdk ? importUse(edit, source) : null, source);
  if (found.kind === 'list') appendMember(edit, source, found.list, code);
  else appendMember(edit, source, found.composition, `plugins: [${code}]`);
  return { text: edit.toString(), code };
}

function codeOf({ specifier, config }: NewEntry, use: string | null, { quote }: SourceText): string {
  const name = printText(specifier, quote);
  if (use === null) return name;
  return `${use}(() => import(${name})${config === undefined ? '' : `, ${printValue(config, quote)}`})`;
}
