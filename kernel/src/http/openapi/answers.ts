/** Which answers can a route give: its own, and the refusals that any route like it can get? */
import type { DeclaredReply } from '@heldar/plugin-sdk';
import { errorKinds, type ErrorCode } from '../../errors.ts';
import type { MountedRoute } from '../mounted-route.ts';
import type { Describe, JsonSchema } from './json-schema.ts';

export interface Answer {
  readonly description: string;
  readonly headers?: Readonly<Record<string, { readonly description?: string; readonly schema: JsonSchema }>>;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** By status, `2XX` or `default`. */
export type Answers = Readonly<Record<string, Answer | { readonly $ref: string }>>;

export const errorSchema: JsonSchema = {
  type: 'object',
  properties: { error: { type: 'string', description: 'What is wrong, where, and what to do about it.' } },
  required: ['error'],
  additionalProperties: false,
};

const json = 'application/json';
const error = { $ref: '#/components/schemas/Error' };

/** Refusals that look the same wherever they occur. */
export const sharedAnswers: Readonly<Record<string, Answer>> = {
  BadRequest: refusal('bad_request'),
  Unauthenticated: refusal('unauthenticated'),
  Forbidden: refusal('forbidden'),
  NotFound: refusal('not_found'),
  Conflict: refusal('conflict'),
  TooLarge: refusal('too_large'),
  UnsupportedMediaType: refusal('unsupported_media_type'),
  WrongShape: refusal('wrong_shape'),
  Unavailable: {
    ...refusal('busy'),
    description: 'Too much at once, not ready, or stopping. The same request may be sent again.',
    headers: {
      'retry-after': { description: 'Seconds to wait.', schema: { type: 'integer', minimum: 1 } },
    },
  },
  Failure: { description: 'Any other refusal or failure.', content: { [json]: { schema: error } } },
};

const anyFailure = { $ref: '#/components/responses/Failure' };

export function describeAnswers(route: MountedRoute, describe: Describe): Answers {
  const declared = Object.entries(route.replies).map(
    ([status, reply]) => [status, describeReply(route, status, reply, describe)] as const,
  );
  const byHand = route.output === undefined && declared.some(([status]) => /^[23]/.test(status));
  const own = byHand ? [] : [ownAnswer(route, describe)];
  return Object.fromEntries([...own, ...refusalsOf(route), ...declared, ['default', anyFailure]]);
}

function ownAnswer(route: MountedRoute, describe: Describe): [string, Answer] {
  if (route.output !== undefined)
    return [
      String(route.status),
      { description: 'The answer.', content: { [json]: { schema: describe(route.output, 'output') } } },
    ];
  return route.method === 'GET'
    ? ['2XX', { description: 'What the route answers by hand.' }]
    : [String(route.status), { description: 'Done.' }];
}

/** A reply without a shape of its own has that of `output`, or is a refusal like any other; one with the status of a refusal may be that refusal too. */
function describeReply(
  route: MountedRoute,
  status: string,
  { description, contentType, schema, headers = {} }: DeclaredReply,
  describe: Describe,
): Answer {
  const output = status.startsWith('2') && contentType === undefined ? route.output : undefined;
  const shape = schema ?? output;
  const told = shape === undefined ? textOrBytes(contentType) : describe(shape, 'output');
  const isRefusal = status.startsWith('4') || status.startsWith('5');
  const named = Object.entries(headers).map(
    ([name, text]) => [name, { description: text, schema: { type: 'string' } }] as const,
  );
  return {
    description,
    ...(named.length === 0 ? {} : { headers: Object.fromEntries(named) }),
    ...(shape === undefined && contentType === undefined
      ? isRefusal
        ? { content: { [json]: { schema: error } } }
        : {}
      : { content: { [contentType ?? json]: { schema: isRefusal ? { anyOf: [told, error] } : told } } }),
  };
}

/** What is neither text nor JSON is bytes, which the document leaves without a schema. */
function textOrBytes(contentType = ''): JsonSchema {
  return contentType.startsWith('text/') ? { type: 'string' } : {};
}

function refusalsOf(route: MountedRoute): [string, { readonly $ref: string }][] {
  const hasParameters = route.path.includes(':');
  const hasInput = hasParameters || route.query !== undefined || route.body !== undefined;
  const found: [boolean, ErrorCode, string][] = [
    [hasInput, 'bad_request', 'BadRequest'],
    [route.capability !== 'public', 'unauthenticated', 'Unauthenticated'],
    [canForbid(route), 'forbidden', 'Forbidden'],
    [hasParameters || 'camera' in route.scope, 'not_found', 'NotFound'],
    [route.method !== 'GET', 'conflict', 'Conflict'],
    [route.body !== undefined, 'too_large', 'TooLarge'],
    [route.body !== undefined, 'unsupported_media_type', 'UnsupportedMediaType'],
    [route.body !== undefined, 'wrong_shape', 'WrongShape'],
    [true, 'busy', 'Unavailable'],
  ];
  return found
    .filter(([canBe]) => canBe)
    .map(([, code, name]) => [String(errorKinds[code].status), { $ref: `#/components/responses/${name}` }]);
}

/** For want of a capability, or of a caller who is not limited to cameras. */
function canForbid({ capability, scope }: MountedRoute): boolean {
  if (capability === 'public') return false;
  return capability !== 'authenticated' || ('none' in scope && !scope.servesLimited);
}

function refusal(code: ErrorCode): Answer {
  const { meaning, next } = errorKinds[code];
  return { description: `${meaning} ${next}`, content: { [json]: { schema: error } } };
}
