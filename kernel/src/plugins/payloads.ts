/** Does a payload fit the schema that the manifest declares for it? */
import type { Schema } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';

/**
 * The payload as JSON text, after the schema's defaults and coercions.
 * @param what names plugin and type: `parking: payload of event 'overstay'`.
 * @throws HeldarError `effect_refused` naming the member and what is wrong with it.
 */
export function payloadText(schema: Schema, payload: unknown, what: string): string {
  const outcome = schema['~standard'].validate(payload);
  if (outcome instanceof Promise) {
    // Nobody waits for it; what it would have said is told here.
    outcome.catch(() => undefined);
    throw new HeldarError('effect_refused', `${what}: its schema is asynchronous; use a synchronous one`);
  }
  if (outcome.issues === undefined) return JSON.stringify(outcome.value ?? null) ?? 'null';
  const [issue] = outcome.issues;
  const path = (issue?.path ?? [])
    .map((part) => String(typeof part === 'object' ? part.key : part))
    .join('.');
  throw new HeldarError(
    'effect_refused',
    `${what}${path === '' ? '' : `, ${path}`}: ${issue?.message ?? 'it does not fit'}`,
  );
}
