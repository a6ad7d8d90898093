/** What does a schema look like as JSON Schema, draft 2020-12: as it is sent, or as it is answered? */
import type { Schema } from '@heldar/plugin-sdk';
import { z } from 'zod';

/** `input`: what a caller sends, before defaults and coercions. `output`: what code receives or answers. */
export type Direction = 'input' | 'output';

export interface JsonSchema {
  readonly [keyword: string]: unknown;
}

/** Answers what stands in the document for a schema: itself, or a reference to where it stands. */
export type Describe = (schema: Schema, io: Direction) => JsonSchema;

/** What stands in the place of a schema whose library does not tell its shape. */
function untold(vendor: string): JsonSchema {
  return { description: `Checked by a schema of ${vendor} that does not tell its shape.` };
}

/**
 * Zod tells all but what JSON has no counterpart for (a transformation, a custom check), which is left open. Any other library is
 * asked through the JSON Schema part of Standard Schema; without it the schema is open, with a note.
 */
export function jsonSchemaOf(schema: Schema, io: Direction): JsonSchema {
  const standard = schema['~standard'] as Schema['~standard'] & ToldAsJson;
  const told =
    asData(() => zodSchemaOf(schema, io)) ??
    asData(() => standard.jsonSchema?.[io]?.({ target: 'draft-2020-12' })) ??
    untold(standard.vendor);
  const { $schema: _, ...json } = told;
  return json;
}

/** Null where a library does not tell, or tells what is no data: the document must not fail for one schema in it. */
function asData(tell: () => object | undefined): JsonSchema | null {
  try {
    const told: unknown = JSON.parse(JSON.stringify(tell() ?? null));
    return typeof told === 'object' ? (told as JsonSchema | null) : null;
  } catch {
    // Some schemas have no counterpart in JSON, and another version of zod may hold what this one does not know.
    return null;
  }
}

/** https://standardschema.dev: a schema that can tell itself as JSON Schema does so beside `validate`. */
interface ToldAsJson {
  readonly jsonSchema?: Partial<Record<Direction, (options: { target: string }) => JsonSchema>>;
}

/** Undefined for a schema of another library, and of a zod too old to be read. */
function zodSchemaOf(schema: Schema, io: Direction): object | undefined {
  if (schema['~standard'].vendor !== 'zod' || !('_zod' in schema)) return undefined;
  return z.toJSONSchema(schema as unknown as z.ZodType, { io, unrepresentable: 'any', override: refine });
}

type Refined = Parameters<NonNullable<NonNullable<Parameters<typeof z.toJSONSchema>[1]>['override']>>[0];

/** Says no more than what is checked, and all that JSON makes of a value. */
function refine({ zodSchema, jsonSchema: json }: Refined): void {
  const { def } = zodSchema._zod;
  switch (def.type) {
    case 'object':
      // Members that a schema does not name are ignored, and may be added in time, unless it is a strict one.
      if (def.catchall === undefined) delete json.additionalProperties;
      break;
    case 'number':
      if (json.minimum === Number.MIN_SAFE_INTEGER) delete json.minimum;
      if (json.maximum === Number.MAX_SAFE_INTEGER) delete json.maximum;
      break;
    case 'date':
      Object.assign(json, { type: 'string', format: 'date-time' });
      break;
    case 'pipe': {
      // Any text goes in, and a few get through: what comes out says which.
      const out = def.out._zod.def;
      if (json.type === 'string' && out.type === 'enum')
        json.enum = Object.values((out as z.core.$ZodEnumDef).entries);
      break;
    }
    default:
  }
}
