/** Which parameters does a route take, in path, query and headers? */
import type { MountedRoute } from '../mounted-route.ts';
import type { Describe, JsonSchema } from './json-schema.ts';

export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required: boolean;
  readonly description?: string;
  readonly schema: JsonSchema;
}

/** A query whose schema does not tell its members has none here. */
export function describeParameters(route: MountedRoute, template: string, describe: Describe): Parameter[] {
  const inPath = route.params === undefined ? {} : membersOf(describe(route.params, 'input'));
  const inQuery = route.query === undefined ? {} : describe(route.query, 'input');
  const own = namesIn(route.path, /:(\w+)/g);
  const mandatory = (inQuery as Members).required ?? [];
  return [
    ...namesIn(template, /\{(\w+)\}/g).map((name, index) =>
      parameter('path', name, true, inPath[own[index] ?? name] ?? { type: 'string' }),
    ),
    ...Object.entries(membersOf(inQuery)).map(([name, schema]) =>
      parameter('query', name, mandatory.includes(name), schema),
    ),
    ...Object.entries(route.headers).map(([name, description]) =>
      parameter('header', name, false, { type: 'string', description }),
    ),
  ];
}

/** The template may name a parameter as another route with the same path does. */
function namesIn(path: string, pattern: RegExp): string[] {
  return [...path.matchAll(pattern)].map(([, name = '']) => name);
}

interface Members {
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
}

function membersOf(schema: JsonSchema): Readonly<Record<string, JsonSchema>> {
  return (schema as Members).properties ?? {};
}

function parameter(place: Parameter['in'], name: string, required: boolean, schema: JsonSchema): Parameter {
  const { description, ...plain } = schema;
  const notes = [description, clampText(schema['x-clamp'])].filter((note) => typeof note === 'string');
  return {
    name,
    in: place,
    required,
    ...(notes.length === 0 ? {} : { description: notes.join('; ') }),
    schema: plain,
  };
}

/** Bounds that a value is moved into rather than refused. */
function clampText(bounds: unknown): string | undefined {
  if (!Array.isArray(bounds)) return undefined;
  const [min, max] = bounds as [number, number];
  return max < Number.MAX_SAFE_INTEGER ? `moved into ${min} to ${max}` : `moved to ${min} or more`;
}
