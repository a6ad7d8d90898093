/** How does one route stand in the API document? */
import { kernelOwner, type MountedRoute } from '../mounted-route.ts';
import type { Components } from './components.ts';
import { jsonSchemaOf, type Describe, type JsonSchema } from './json-schema.ts';
import { anyOf, carried, inUrl, type SecurityRequirement } from './security.ts';
import { describeParameters, type Parameter } from './parameters.ts';
import { describeAnswers, type Answers } from './answers.ts';

export interface Operation {
  readonly operationId: string;
  readonly summary?: string;
  /** Where a summary has more than one sentence: all of it. */
  readonly description?: string;
  /** Whose route it is. */
  readonly tags: readonly [string];
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: {
    readonly required: boolean;
    readonly content: { readonly 'application/json': { readonly schema: JsonSchema } };
  };
  readonly responses: Answers;
  /** Empty: none is asked for. Absent: as the document says. */
  readonly security?: readonly SecurityRequirement[];
  readonly 'x-heldar-capability': string;
  readonly 'x-heldar-scope': JsonSchema;
}

export function describeOperation(
  route: MountedRoute,
  { template, operationId }: { readonly template: string; readonly operationId: string },
  components: Components,
): Operation {
  const describe: Describe = (schema, io) =>
    components.add(
      jsonSchemaOf(schema, io),
      route.owner,
      `${route.owner === kernelOwner ? '' : `${route.owner}.`}${operationId}_${io}`,
    );
  const parameters = describeParameters(route, template, describe);
  return {
    operationId,
    ...titleOf(route.summary),
    tags: [route.owner],
    ...(parameters.length === 0 ? {} : { parameters }),
    ...(route.body === undefined
      ? {}
      : {
          requestBody: {
            required: !route.bodyOptional,
            content: { 'application/json': { schema: describe(route.body, 'input') } },
          },
        }),
    responses: describeAnswers(route, describe),
    ...(route.capability === 'public' ? { security: [] } : {}),
    ...(route.urlToken ? { security: anyOf({ ...carried, ...inUrl }) } : {}),
    'x-heldar-capability': route.capability,
    'x-heldar-scope': scopeOf(route),
  };
}

/** Lists show the first sentence. */
function titleOf(text: string | undefined): Pick<Operation, 'summary' | 'description'> {
  if (text === undefined) return {};
  const [summary = text, more] = text.split(/\.\s/, 2);
  return more === undefined ? { summary } : { summary, description: text };
}

/** As its author writes it. */
function scopeOf({ scope }: MountedRoute): JsonSchema {
  if ('camera' in scope) return { camera: `${scope.camera.in}.${scope.camera.name}` };
  if ('rows' in scope) return { ...scope };
  return { none: scope.none, ...(scope.servesLimited ? { limited: 'serve' } : {}) };
}
