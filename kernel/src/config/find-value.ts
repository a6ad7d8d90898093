/** Which span of a composition's source holds the value at a path of keys. */
import type {
  Argument,
  ArrayExpressionElement,
  Expression,
  ObjectExpression,
  Program,
  PropertyKey as KeyNode,
} from 'oxc-parser';
import type { Keys } from './origin.ts';

export interface Span {
  readonly start: number;
  readonly end: number;
  /** False: the nearest thing that holds the value. */
  readonly exact: boolean;
}

/** Undefined when the source does not parse or exports nothing by default. */
export async function findValue(file: string, source: string, keys: Keys): Promise<Span | undefined> {
  // Loaded only here, so that a start without an error never pays for a parser.
  const { parseSync } = await import('oxc-parser');
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) return undefined;
  let node = exportedExpression(program);
  if (!node) return undefined;
  for (const key of keys) {
    const holder = reveal(node, program);
    const next = step(holder, key, program);
    if (!next) return { start: holder.start, end: holder.end, exact: false };
    node = next;
  }
  return { start: node.start, end: node.end, exact: true };
}

/** Whatever stands for a value. */
export type Node = NonNullable<Expression | Argument | ArrayExpressionElement>;

/** What `export default` gives. */
export function exportedExpression(program: Program): Node | undefined {
  for (const statement of program.body) {
    if (statement.type !== 'ExportDefaultDeclaration') continue;
    const { declaration } = statement;
    const isExpression =
      !declaration.type.endsWith('Declaration') && declaration.type !== 'FunctionExpression';
    return isExpression ? (declaration as Expression) : undefined;
  }
  return undefined;
}

/** Looks through what only wraps an object: `defineConfig(…)`, `as`, `satisfies`, parentheses, a constant's name. */
export function reveal(node: Node, program: Program): Node {
  switch (node.type) {
    case 'TSAsExpression':
    case 'TSSatisfiesExpression':
    case 'TSNonNullExpression':
    case 'ParenthesizedExpression':
      return reveal(node.expression, program);
    case 'Identifier': {
      const value = constantNamed(node.name, program);
      return value ? reveal(value, program) : node;
    }
    case 'CallExpression': {
      const [only] = node.arguments;
      const wraps = node.callee.type === 'Identifier' && node.callee.name === 'defineConfig';
      return wraps && only ? reveal(only, program) : node;
    }
    default:
      return node;
  }
}

function constantNamed(name: string, program: Program): Expression | undefined {
  for (const statement of program.body) {
    const declaration = statement.type === 'ExportNamedDeclaration' ? statement.declaration : statement;
    if (declaration?.type !== 'VariableDeclaration' || declaration.kind !== 'const') continue;
    for (const { id, init } of declaration.declarations)
      if (id.type === 'Identifier' && id.name === name && init) return init;
  }
  return undefined;
}

function step(node: Node, key: string | number, program: Program): Node | undefined {
  if (node.type === 'ObjectExpression') return property(node, String(key), program);
  if (node.type === 'ArrayExpression' && typeof key === 'number') {
    const before = node.elements.slice(0, key);
    return before.some((element) => element?.type === 'SpreadElement')
      ? undefined
      : (node.elements[key] ?? undefined);
  }
  if (node.type === 'CallExpression' && key === 'config') {
    // The options stand second in `use(() => import(…), options)`, first in `plugin(options)`.
    const isUse = node.callee.type === 'Identifier' && node.callee.name === 'use';
    return node.arguments[isUse ? 1 : 0];
  }
  return undefined;
}

/** The last assignment counts; a spread object is looked into when it is a constant of the file. */
function property(node: ObjectExpression, key: string, program: Program): Node | undefined {
  for (const member of node.properties.toReversed()) {
    if (member.type === 'SpreadElement') {
      const spread = reveal(member.argument, program);
      const found = spread.type === 'ObjectExpression' ? property(spread, key, program) : undefined;
      if (found) return found;
    } else if (!member.computed && keyName(member.key) === key) return member.value;
  }
  return undefined;
}

export function keyName(key: KeyNode): string | undefined {
  if (key.type === 'Identifier') return key.name;
  return key.type === 'Literal' ? String(key.value) : undefined;
}
