/** Where in a composition's source does a list stand, of its plugins or of those that are off, or why can that not be told? */
import type { ArrayExpression, ObjectExpression } from 'oxc-parser';
import { exportedExpression, keyName, reveal } from '../find-value.ts';
import type { MemberList } from './members.ts';
import type { SourceText } from './source-text.ts';

export type ListName = 'plugins' | 'disable';

export type PluginList =
  | { readonly kind: 'list'; readonly list: MemberList }
  /** A composition that says nothing of it. */
  | { readonly kind: 'absent'; readonly composition: MemberList }
  /** `at`: the place that is computed. */
  | { readonly kind: 'computed'; readonly at: number; readonly what: string };

export function findPluginList({ program }: SourceText, name: ListName = 'plugins'): PluginList {
  const exported = exportedExpression(program);
  if (exported === undefined) return { kind: 'computed', at: 0, what: 'what it exports by default' };
  const composition = reveal(exported, program);
  if (composition.type !== 'ObjectExpression')
    return { kind: 'computed', at: composition.start, what: 'the composition' };
  return listIn(composition, program, name) ?? { kind: 'absent', composition: membersOf(composition) };
}

/** The last assignment counts, as it does when the object is made. */
function listIn(object: ObjectExpression, program: SourceText['program'], name: ListName): PluginList | null {
  for (const member of object.properties.toReversed()) {
    if (member.type === 'SpreadElement') {
      const spread = reveal(member.argument, program);
      if (spread.type !== 'ObjectExpression')
        return { kind: 'computed', at: member.start, what: 'a part of the composition' };
      const found = listIn(spread, program, name);
      if (found !== null) return found;
    } else if (member.computed) return { kind: 'computed', at: member.start, what: 'the name of a member' };
    else if (keyName(member.key) === name) {
      const value = reveal(member.value, program);
      return value.type === 'ArrayExpression' && value.elements.every((element) => element !== null)
        ? { kind: 'list', list: elementsOf(value) }
        : { kind: 'computed', at: member.value.start, what: `the list of ${name}` };
    }
  }
  return null;
}

function elementsOf({ start, end, elements }: ArrayExpression): MemberList {
  return {
    open: start + 1,
    close: end - 1,
    members: elements.filter((element) => element !== null),
    padding: '',
  };
}

function membersOf({ start, end, properties }: ObjectExpression): MemberList {
  return { open: start + 1, close: end - 1, members: properties, padding: ' ' };
}
