/** Does a request fit the route's schemas, and is a misfit one of shape or one of value? */
import type { Schema } from '@heldar/plugin-sdk';
import { HeldarError } from '../errors.ts';
import { describeIssues, pathOf, valueAt, type Issue } from './issue-text.ts';

export type Place = 'params' | 'query' | 'body';

export interface Checked {
  readonly value: unknown;
  /** The shape is right, a value is not: to be raised after the camera was found to exist. */
  readonly fault: HeldarError | null;
}

/**
 * Runs the schema. Wrong types, missing and doubled members are thrown at once: 422 `wrong_shape` for a body, 400 `bad_request`
 * for parameters. What is left are faults of value, always 400, which come later in the order of checks. Only zod tells the two
 * apart: with a schema of another library every issue counts as one of shape.
 */
export function check(schema: Schema | undefined, raw: unknown, place: Place): Checked | Promise<Checked> {
  if (schema === undefined) return { value: {}, fault: null };
  const standard = schema['~standard'];
  const result = standard.validate(raw);
  const judge = (outcome: Awaited<typeof result>): Checked =>
    outcome.issues === undefined
      ? { value: outcome.value, fault: null }
      : { value: undefined, fault: faultOf(outcome.issues, raw, place, standard.vendor) };
  return result instanceof Promise ? result.then(judge) : judge(result);
}

/** What is wrong with a value of our own, null when nothing is. */
export async function misfit(schema: Schema, value: unknown): Promise<Error | null> {
  const { issues } = await schema['~standard'].validate(value);
  return issues === undefined ? null : new Error(describeIssues(issues, value, 'the answer'));
}

/** Answers a fault of value, throws one of shape. */
function faultOf(issues: readonly Issue[], raw: unknown, place: Place, vendor: string): HeldarError {
  const ofShape = vendor === 'zod' ? issues.filter((issue) => isShape(issue, raw)) : issues;
  if (ofShape.length === 0) return new HeldarError('bad_request', describeIssues(issues, raw, names[place]));
  const text = describeIssues(ofShape, raw, names[place]);
  throw new HeldarError(place === 'body' ? 'wrong_shape' : 'bad_request', text);
}

const names: Readonly<Record<Place, string>> = { params: 'the path', query: 'the query', body: 'the body' };

function isShape(issue: Issue, raw: unknown): boolean {
  switch (issue.code) {
    case 'invalid_type':
    case 'invalid_union':
    case 'unrecognized_keys':
      return true;
    case 'invalid_value': {
      // One of a list of values was due: something of another type than all of them is of the wrong shape.
      const type = typeof valueAt(raw, pathOf(issue));
      return issue.expected === 'stringbool' || !(issue.values ?? []).some((value) => typeof value === type);
    }
    default:
      return false;
  }
}
