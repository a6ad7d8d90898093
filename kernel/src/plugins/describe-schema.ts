/** What does a schema ask for, told to people? From its JSON Schema, which zod and others give. */
import type { Schema } from '@heldar/plugin-sdk';
import { formatPath } from '../http/field-path.ts';
import { isSecretName } from '../config/mask.ts';

export interface DescribedOption {
  /** `smtp.port`. */
  readonly name: string;
  readonly path: readonly string[];
  /** `integer from 0`, `one of "x", "y"`, `list of text`. */
  readonly type: string;
  /** undefined: none. */
  readonly default: unknown;
  readonly required: boolean;
  readonly description: string | null;
  /** Never to be shown. */
  readonly secret: boolean;
}

/** The part of JSON Schema that is read here. */
interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly format?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly exclusiveMaximum?: number;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly pattern?: string;
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly oneOf?: readonly JsonSchema[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: JsonSchema | boolean;
  readonly writeOnly?: boolean;
}

/** Each option of a schema of options, members of objects by their path; null when the schema does not tell. */
export function describeOptions(schema: Schema): DescribedOption[] | null {
  const json = jsonSchemaOf(schema);
  return json === null || json.properties === undefined ? null : membersOf(json, []);
}

/** `{ plate: text, minutes?: number }`; null when the schema does not tell. */
export function describeShape(schema: Schema): string | null {
  const json = jsonSchemaOf(schema);
  return json === null ? null : shapeOf(json);
}

/** Who made the schema: `zod`, `valibot`, … */
export function vendorOf(schema: Schema): string {
  return schema['~standard'].vendor;
}

/** https://standardschema.dev: a schema that can tell itself as JSON Schema does so beside `validate`. */
function jsonSchemaOf(schema: Schema): JsonSchema | null {
  const standard = schema['~standard'] as {
    jsonSchema?: { input?(options: { target: string }): JsonSchema };
  };
  try {
    return standard.jsonSchema?.input?.({ target: 'draft-2020-12' }) ?? null;
  } catch {
    // Some schemas have no counterpart in JSON: a transformation, a custom check.
    return null;
  }
}

function membersOf(json: JsonSchema, above: readonly string[]): DescribedOption[] {
  const required = new Set(json.required);
  return Object.entries(json.properties ?? {}).flatMap(([member, schema]) => {
    const path = [...above, member];
    if (Object.keys(schema.properties ?? {}).length > 0) return membersOf(schema, path);
    return [
      {
        name: formatPath(path),
        path,
        type: typeText(schema),
        default: schema.default,
        required: required.has(member),
        description: schema.description ?? null,
        secret: schema.writeOnly === true || schema.format === 'password' || isSecretName(member),
      },
    ];
  });
}

function shapeOf(json: JsonSchema): string {
  if (json.properties === undefined) return typeText(json);
  const required = new Set(json.required);
  const members = Object.entries(json.properties).map(
    ([member, schema]) => `${member}${required.has(member) ? '' : '?'}: ${shapeOf(schema)}`,
  );
  return members.length === 0 ? '{}' : `{ ${members.join(', ')} }`;
}

const words: Readonly<Record<string, string>> = { string: 'text', array: 'list' };

function typeText(json: JsonSchema): string {
  if (json.const !== undefined) return JSON.stringify(json.const);
  if (json.enum !== undefined) return `one of ${json.enum.map((value) => JSON.stringify(value)).join(', ')}`;
  const choices = json.anyOf ?? json.oneOf;
  if (choices !== undefined) return choices.map(typeText).join(' or ');
  const types = json.type === undefined ? [] : [json.type].flat();
  if (types.length === 0) return 'anything';
  const base = types.map((type) => words[type] ?? type).join(' or ');
  if (json.items !== undefined) return `${base} of ${typeText(json.items)}`;
  if (typeof json.additionalProperties === 'object')
    return `${base} of ${typeText(json.additionalProperties)} by name`;
  return [base, ...limitsOf(json)].join(' ');
}

function limitsOf(json: JsonSchema): string[] {
  const { minimum, exclusiveMinimum, maximum, exclusiveMaximum, minLength, maxLength, format, pattern } =
    json;
  const isBound = (bound: number | undefined): bound is number =>
    bound !== undefined && Math.abs(bound) < Number.MAX_SAFE_INTEGER;
  return [
    ...(isBound(minimum) ? [`from ${minimum}`] : []),
    ...(isBound(exclusiveMinimum) ? [`above ${exclusiveMinimum}`] : []),
    ...(isBound(maximum) ? [`to ${maximum}`] : []),
    ...(isBound(exclusiveMaximum) ? [`below ${exclusiveMaximum}`] : []),
    ...(minLength === undefined ? [] : [`of ${minLength} characters or more`]),
    ...(maxLength === undefined ? [] : [`of ${maxLength} characters at most`]),
    ...(format === undefined ? [] : [`(${format})`]),
    ...(pattern === undefined || format !== undefined ? [] : [`like ${pattern}`]),
  ];
}

/** A value that fits the schema, as far as its JSON Schema tells; undefined when it does not. */
export function sampleOf(schema: Schema): unknown {
  const json = jsonSchemaOf(schema);
  return json === null ? undefined : sample(json);
}

function sample(json: JsonSchema): unknown {
  if (json.default !== undefined) return json.default;
  if (json.const !== undefined) return json.const;
  if (json.enum !== undefined) return json.enum[0];
  const [choice] = json.anyOf ?? json.oneOf ?? [];
  if (choice !== undefined) return sample(choice);
  const [type] = json.type === undefined ? [] : [json.type].flat();
  switch (type) {
    case 'object': {
      const required = new Set(json.required);
      const members = Object.entries(json.properties ?? {}).filter(([name]) => required.has(name));
      return Object.fromEntries(members.map(([name, member]) => [name, sample(member)]));
    }
    case 'array':
      return [];
    case 'string':
      return 'A'.repeat(Math.max(1, json.minLength ?? 1));
    case 'number':
    case 'integer':
      return json.minimum ?? (json.exclusiveMinimum ?? 0) + 1;
    case 'boolean':
      return true;
    default:
      return null;
  }
}
