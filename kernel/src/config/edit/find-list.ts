/** Where in a composition's source would a plugin be added, or why can that not be told? */
import type { ArrayExpression, ObjectExpression } from 'oxc-parser';
import { exportedExpression, keyName, reveal } from '../find-value.ts';
import type { MemberList } from './members.ts';
import type { SourceText } from './source-text.ts';

export type PluginList =
  | { readonly kind: 'list'; readonly list: MemberList }
  /** A composition that says nothing of plugins. */
  | { readonly kind: 'absent'; readonly composition: MemberList }
  /** `at`: the place that is computed. */
  | { readonly kind: 'computed'; readonly at: number; readonly what: string };

export function findPluginList({ program }: SourceText): PluginList {
  const exported = exportedExpression(program);
  if (exported === undefined) return { kind: 'computed', at: 0, what: 'what it exports by default' };
  const composition = reveal(exported, program);
  if (composition.type !== 'ObjectExpression')
    return { kind: 'computed', at: composition.start, what: 'the composition' };
  return pluginsIn(composition, program) ?? { kind: 'absent', composition: membersOf(composition) };
}

/** The last assignment counts, as it does when the object is made. */
function pluginsIn(object: ObjectExpression, program: SourceText['program']): PluginList | null {
  for (const member of object.properties.toReversed()) {
    if (member.type === 'SpreadElement') {
      const spread = reveal(member.argument, program);
      if (spread.type !== 'ObjectExpression')
        return { kind: 'computed', at: member.start, what: 'a part of the composition' };
      const found = pluginsIn(spread, program);
      if (found !== null) return found;
    } else if (member.computed) return { kind: 'computed', at: member.start, what: 'the name of a member' };
    else if (keyName(member.key) === 'plugins') {
      const value = reveal(member.value, program);
      return value.type === 'ArrayExpression' && value.elements.every((element) => element !== null)
        ? { kind: 'list', list: elementsOf(value) }
        : { kind: 'computed', at: member.value.start, what: 'the list of plugins' };
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
