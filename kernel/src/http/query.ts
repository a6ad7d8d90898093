/** What a query string says, by name. */
import type { Schema } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { formatPath } from './field-path.ts';

/**
 * The parameters by name, as text. Names the schema does not know are ignored, however often they stand there.
 * @throws HeldarError `bad_request` for a parameter given twice.
 */
export function readQuery(querystring: string, schema: Schema): Record<string, string> {
  const values = Object.create(null) as Record<string, string>;
  if (querystring === '') return values;
  const known = queryMembersOf(schema);
  for (const [name, value] of new URLSearchParams(querystring)) {
    if (known !== null && !Object.hasOwn(known, name)) continue;
    if (name in values) throw new HeldarError('bad_request', `${formatPath([name])}: given twice`);
    values[name] = value;
  }
  return values;
}

interface ZodLike {
  readonly shape?: object;
  readonly in?: ZodLike;
}

/** The members of a zod object, also behind a transformation; null when the schema does not tell. */
export function queryMembersOf(schema: Schema): object | null {
  if (schema['~standard'].vendor !== 'zod') return null;
  let inner: ZodLike | undefined = schema as ZodLike;
  while (inner !== undefined && inner.shape === undefined) inner = inner.in;
  return inner?.shape ?? null;
}
