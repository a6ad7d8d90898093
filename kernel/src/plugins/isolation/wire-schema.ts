/** How is a schema asked from the other side? It stays with the plugin; what describes it crosses, and each question does. */
import type { Schema } from '@heldar/plugin-sdk';
import { queryMembersOf } from '../../http/query.ts';

/** What can be told of a schema as data. */
export interface WireSchema {
  readonly vendor: string;
  /** Names it knows, where it is an object that tells them. */
  readonly members: readonly string[] | null;
  /** As JSON Schema; null where it does not tell. */
  readonly input: object | null;
  readonly output: object | null;
  /** What it makes of nothing; null: it answers later. */
  readonly ofNothing: WireOutcome | null;
}

/** What a schema says to a value. */
export type WireOutcome = { readonly value: unknown } | { readonly issues: readonly object[] };

interface JsonSchemas {
  input?(options: { target: string }): object;
  output?(options: { target: string }): object;
}

export function packSchema(schema: Schema | undefined): WireSchema | null {
  if (schema === undefined) return null;
  const standard = schema['~standard'] as Schema['~standard'] & { readonly jsonSchema?: JsonSchemas };
  const members = queryMembersOf(schema);
  return {
    vendor: standard.vendor,
    members: members === null ? null : Object.keys(members),
    input: plain(() => standard.jsonSchema?.input?.({ target: 'draft-2020-12' })),
    output: plain(() => standard.jsonSchema?.output?.({ target: 'draft-2020-12' })),
    ofNothing: outcomeOfNothing(schema),
  };
}

/** The same schema on the kernel's side; `validate` asks the isolate. */
export function unpackSchema(packed: WireSchema, validate: (value: unknown) => Promise<WireOutcome>): Schema {
  const { vendor, members, input, output, ofNothing } = packed;
  const jsonSchema = {
    ...(input === null ? {} : { input: () => input }),
    ...(output === null ? {} : { output: () => output }),
  };
  const schema = {
    '~standard': {
      version: 1 as const,
      vendor,
      validate: (value: unknown) => (value === undefined && ofNothing !== null ? ofNothing : validate(value)),
      jsonSchema,
    },
    ...(members === null ? {} : { shape: Object.fromEntries(members.map((name) => [name, true])) }),
  };
  return schema as unknown as Schema;
}

/** One that takes everything: what it would say has been said in the isolate. */
export function openSchema(packed: WireSchema): Schema {
  const { input, output } = packed;
  const standard = {
    version: 1 as const,
    vendor: packed.vendor,
    validate: (value: unknown) => ({ value }),
    jsonSchema: {
      ...(input === null ? {} : { input: () => input }),
      ...(output === null ? {} : { output: () => output }),
    },
  };
  return { '~standard': standard };
}

function plain(make: () => object | undefined): object | null {
  try {
    const made = make();
    return made === undefined ? null : (JSON.parse(JSON.stringify(made)) as object);
  } catch {
    // Some schemas have no counterpart in JSON: a transformation, a custom check.
    return null;
  }
}

function outcomeOfNothing(schema: Schema): WireOutcome | null {
  const outcome = schema['~standard'].validate(undefined);
  if (!(outcome instanceof Promise)) return packOutcome(outcome);
  // Nobody waits for it.
  outcome.catch(() => undefined);
  return null;
}

/** Issues lose what is not data: zod's point at their schema. */
export function packOutcome(outcome: Awaited<ReturnType<Schema['~standard']['validate']>>): WireOutcome {
  if (outcome.issues === undefined) return { value: outcome.value };
  return {
    issues: outcome.issues.map((issue) => ({
      ...(JSON.parse(JSON.stringify(issue, dataOnly)) as object),
      path: issue.path?.map((part) => (typeof part === 'object' ? part.key : part)).map(asKey),
    })),
  };
}

function asKey(key: PropertyKey): string | number {
  return typeof key === 'number' ? key : String(key);
}

function dataOnly(key: string, value: unknown): unknown {
  return key === 'inst' || typeof value === 'bigint' ? undefined : value;
}
