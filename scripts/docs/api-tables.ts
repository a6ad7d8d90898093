/** How are the routes shown in docs/api.md? A table of all, then what each takes. */
import { z } from 'zod';
import { table } from './markdown.ts';
import type { DeclaredRoutes } from './declared-routes.ts';
import type { MountedRoute } from '../../kernel/src/http/mounted-route.ts';

export function renderApiTables({ kernel, zones }: DeclaredRoutes): string {
  return [
    '### The kernel',
    overview(kernel),
    '### The plugin zones',
    overview(zones),
    '## What they take',
    ...[...kernel, ...zones].flatMap(describeInput),
  ].join('\n\n');
}

function overview(routes: readonly MountedRoute[]): string {
  const rows = routes.map((route) => [
    `\`${addressOf(route)}\``,
    route.capability,
    // A GET without an output schema answers by hand, with a body.
    String(route.method === 'GET' ? 200 : route.status),
    route.summary ?? '',
  ]);
  return table(['Request', 'Capability', 'Status', 'What it does'], rows);
}

/** Parameters in OpenAPI's notation. */
function addressOf({ method, path }: MountedRoute): string {
  return `${method} ${path.replaceAll(/:(\w+)/g, '{$1}')}`;
}

/** A heading and a table; nothing for a route that takes nothing but what stands in its path. */
function describeInput(route: MountedRoute): string[] {
  const rows = (['query', 'body'] as const).flatMap((place) => {
    const members = membersOf(route[place]);
    return members.map((member) => [`\`${member.name}\``, place, member.type, member.notes]);
  });
  return rows.length === 0
    ? []
    : [`### \`${addressOf(route)}\``, table(['Member', 'In', 'Type', 'Notes'], rows)];
}

interface Member {
  readonly name: string;
  readonly type: string;
  readonly notes: string;
}

/** What is read of a JSON schema. */
interface Shape {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Shape[];
  readonly items?: Shape;
  readonly properties?: Readonly<Record<string, Shape>>;
  readonly required?: readonly string[];
  readonly default?: unknown;
  readonly description?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxItems?: number;
  readonly maxLength?: number;
  /** Bounds that a value is moved into. */
  readonly 'x-clamp'?: readonly [number, number];
}

function membersOf(schema: MountedRoute['body']): Member[] {
  if (!(schema instanceof z.ZodType)) return [];
  const [input, output] = (['input', 'output'] as const).map(
    (io) => withoutNames(z.toJSONSchema(schema, { io, unrepresentable: 'any' })) as Shape,
  );
  return input === undefined ? [] : describeMembers(input, output ?? {}, '');
}

/** A schema that its code names stands among `$defs`; here it is shown in its place. */
function withoutNames({ $defs = {}, ...schema }: z.core.JSONSchema.BaseSchema): unknown {
  const inPlace = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value;
    if (Array.isArray(value)) return value.map(inPlace);
    const { $ref, ...members } = value as { $ref?: unknown };
    const named = typeof $ref === 'string' ? ($defs[$ref.replace('#/$defs/', '')] ?? {}) : {};
    return Object.fromEntries(
      Object.entries({ ...named, ...members }).map(([key, member]) => [key, inPlace(member)]),
    );
  };
  return inPlace(schema);
}

/** Members of members follow the member they belong to: `detections[].label`. */
function describeMembers(input: Shape, output: Shape, prefix: string): Member[] {
  return Object.entries(input.properties ?? {}).flatMap(([name, member]) => {
    const out = output.properties?.[name] ?? {};
    const below = objectIn(member);
    return [
      {
        name: prefix + name,
        type: typeOf(namesValues(out) ? out : member),
        notes: notesOf(member, input.required?.includes(name) === true),
      },
      ...(below === null
        ? []
        : describeMembers(below.shape, objectIn(out)?.shape ?? {}, `${prefix}${name}${below.list}.`)),
    ];
  });
}

/** A pipe takes any text and lets through a few: what comes out says which. */
function namesValues({ enum: values, anyOf = [] }: Shape): boolean {
  return values !== undefined || anyOf.some(namesValues);
}

/** The object that a member is, may be, or lists. */
function objectIn(member: Shape): { shape: Shape; list: '' | '[]' } | null {
  if (member.properties !== undefined) return { shape: member, list: '' };
  if (member.items?.properties !== undefined) return { shape: member.items, list: '[]' };
  const [found = null] = (member.anyOf ?? []).map(objectIn).filter((inner) => inner !== null);
  return found;
}

function typeOf({ type, format, anyOf, items, enum: values }: Shape): string {
  if (anyOf !== undefined) return anyOf.map(typeOf).join(' or ');
  if (values !== undefined) return values.map((value) => `\`${String(value)}\``).join(' or ');
  if (format === 'date-time') return 'RFC 3339 time';
  const types = typeof type === 'string' ? [type] : (type ?? ['any JSON']);
  return types.map((one) => (one === 'array' ? `list of ${typeOf(items ?? {})}` : one)).join(' or ');
}

function notesOf(shape: Shape, isRequired: boolean): string {
  const bounds = shape['x-clamp'];
  const own = [shape, ...(shape.anyOf ?? [])];
  const most = own.map((part) => part.maxItems).find((value) => value !== undefined);
  const longest = own.map((part) => part.maxLength).find((value) => value !== undefined);
  const notes = [
    isRequired ? 'required' : '',
    shape.default === undefined || shape.default === null ? '' : `default ${JSON.stringify(shape.default)}`,
    bounds === undefined ? own.map(rangeOf).join('') : `moved into ${rangeText(bounds[0], bounds[1])}`,
    most === undefined ? '' : `at most ${most}`,
    longest === undefined ? '' : `at most ${longest} characters`,
    shape.description ?? '',
  ];
  return notes.filter((note) => note !== '').join('; ');
}

function rangeOf({ minimum = Number.MIN_SAFE_INTEGER, maximum = Number.MAX_SAFE_INTEGER }: Shape): string {
  return rangeText(minimum, maximum);
}

/** Bounds that only say that a number is exact are none. */
function rangeText(min: number, max: number): string {
  const hasMin = min > Number.MIN_SAFE_INTEGER;
  if (max < Number.MAX_SAFE_INTEGER) return hasMin ? `${min} to ${max}` : `at most ${max}`;
  return hasMin ? `at least ${min}` : '';
}
