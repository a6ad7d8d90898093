/** A composition's source with a plugin switched off or on by name, and not a character more of its author's changed. */
import { MagicString } from 'magic-string';
import { findPluginList } from './find-list.ts';
import { appendMember, removeMember } from './members.ts';
import { printText } from './print-value.ts';
import { readSourceText } from './source-text.ts';

export type Switched =
  | { readonly text: string }
  /** `what` stands in the way, `next` is to be done by hand. */
  | { readonly text: null; readonly what: string; readonly next: string };

/** Names it in `disable`. The same text when it is named there already. @throws HeldarError `config_invalid` when `text` does not parse. */
export async function switchOff(file: string, text: string, name: string): Promise<Switched> {
  const source = await readSourceText(file, text);
  const found = findPluginList(source, 'disable');
  const code = printText(name, source.quote);
  if (found.kind === 'computed')
    return { text: null, what: `${found.what} is computed`, next: `add ${code} to \`disable\` by hand` };
  const edit = new MagicString(text);
  if (found.kind === 'absent') appendMember(edit, source, found.composition, `disable: [${code}]`);
  else if (indexOf(text, found.list.members, name) === -1) appendMember(edit, source, found.list, code);
  return { text: edit.toString() };
}

/** Takes it out of `disable`. The same text when it is not named there. @throws HeldarError `config_invalid` when `text` does not parse. */
export async function switchOn(file: string, text: string, name: string): Promise<Switched> {
  const source = await readSourceText(file, text);
  const found = findPluginList(source, 'disable');
  if (found.kind === 'computed')
    return { text: null, what: `${found.what} is computed`, next: `take '${name}' out of it by hand` };
  if (found.kind === 'absent') return { text };
  const index = indexOf(text, found.list.members, name);
  if (index === -1) return { text };
  const edit = new MagicString(text);
  removeMember(edit, source, found.list, index);
  return { text: edit.toString() };
}

function indexOf(
  text: string,
  members: readonly { readonly start: number; readonly end: number }[],
  name: string,
): number {
  return members.findIndex(({ start, end }) => /^(['"`])(.*)\1$/s.exec(text.slice(start, end))?.[2] === name);
}
