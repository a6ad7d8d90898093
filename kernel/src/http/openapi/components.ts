/** Which schemas stand once in the document, under a name that their code gave them? */
import { isDeepStrictEqual } from 'node:util';
import { kernelOwner } from '../mounted-route.ts';
import type { JsonSchema } from './json-schema.ts';

export interface Components {
  /**
   * The schema with its named parts moved here and references to them in their place. `owner` keeps a plugin's names apart from
   * the kernel's; `fallbackName` is for parts that refer to themselves and have no name.
   */
  add(schema: JsonSchema, owner: string, fallbackName: string): JsonSchema;
  readonly schemas: Readonly<Record<string, JsonSchema>>;
}

export function createComponents(): Components {
  const schemas: Record<string, JsonSchema> = {};

  return {
    schemas,
    add(schema, owner, fallbackName) {
      const { $defs = {}, ...root } = schema as { $defs?: Readonly<Record<string, JsonSchema>> };
      const parts = Object.entries(refersToItself(root) ? { ...$defs, [whole]: root } : $defs);
      // What is sent and what is answered may differ under one name: the later gets the next free number.
      for (let count = 1; ; count += 1) {
        const nameOf = (key: string) => componentName(key, owner, fallbackName) + (count > 1 ? count : '');
        const moved = parts.map(([key, part]) => [nameOf(key), withReferences(part, nameOf)] as const);
        if (moved.some(([name, part]) => name in schemas && !isDeepStrictEqual(schemas[name], part)))
          continue;
        for (const [name, part] of moved) schemas[name] = part;
        return refersToItself(root) ? { $ref: `${place}${nameOf(whole)}` } : withReferences(root, nameOf);
      }
    },
  };
}

const place = '#/components/schemas/';
/** Stands for the schema as a whole where it refers to itself. */
const whole = '#';

function componentName(key: string, owner: string, fallbackName: string): string {
  if (key === whole) return fallbackName;
  // Zod numbers parts that have no name.
  if (key.startsWith('__schema')) return `${fallbackName}_${key.slice('__schema'.length)}`;
  const plain = key.replaceAll(/[^A-Za-z0-9._-]/g, '_');
  return owner === kernelOwner ? plain : `${owner}.${plain}`;
}

const definition = /^#\/\$defs\/([^/]+)(.*)$/;

function refersToItself(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  return Object.entries(value).some(([key, member]) =>
    isReference(key, member) ? member.startsWith('#') && !definition.test(member) : refersToItself(member),
  );
}

function isReference(key: string, member: unknown): member is string {
  return key === '$ref' && typeof member === 'string';
}

/** A copy whose references name components. */
function withReferences<Value>(value: Value, nameOf: (key: string) => string): Value {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map((member) => withReferences(member, nameOf)) as Value;
  const members = Object.entries(value).map(([key, member]) => [
    key,
    isReference(key, member) ? movedReference(member, nameOf) : withReferences(member, nameOf),
  ]);
  return Object.fromEntries(members) as Value;
}

function movedReference(reference: string, nameOf: (key: string) => string): string {
  if (!reference.startsWith('#')) return reference;
  const [, key = whole, rest = reference.slice(1)] = definition.exec(reference) ?? [];
  return `${place}${nameOf(key)}${rest}`;
}
