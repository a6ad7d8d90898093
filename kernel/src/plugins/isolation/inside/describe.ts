/** What of a plugin can be told as data? Everything but its functions. */
import type { Contributions, PluginDefinition, Route, Schema } from '@heldar/plugin-sdk';
import type {
  ConsumerDescription,
  ContributionsDescription,
  PluginDescription,
  RouteDescription,
} from '../protocol.ts';
import { packSchema, type WireSchema } from '../wire-schema.ts';

export function describeDefinition(definition: PluginDefinition): PluginDescription {
  const { consumes = [] } = definition;
  return {
    name: definition.name,
    config: packSchema(definition.config),
    consumes:
      typeof consumes === 'string' || Array.isArray(consumes)
        ? (consumes as '*' | readonly string[])
        : Object.keys(consumes),
    emits: packAll(definition.emits),
    records: packAll(definition.records),
    capabilities: definition.capabilities ?? [],
    migrations: definition.migrations ?? null,
    isolation: definition.isolation ?? 'inline',
  };
}

export function describeContributions(contributions: Contributions): ContributionsDescription {
  const { consumers = [], routes = [], handlers = [], jobs = [], services = {}, health } = contributions;
  return {
    consumers: consumers.map(describeConsumer),
    routes: routes.map(describeRoute),
    handlers: handlers.map(({ name, types }) => ({ name, types })),
    jobs: jobs.map(({ name, schedule }) => ({ name, schedule })),
    services: Object.keys(services),
    health: health !== undefined,
  };
}

type Consumer = NonNullable<Contributions['consumers']>[number];

function describeConsumer({ name, order, from, timeoutMs, records, tick }: Consumer): ConsumerDescription {
  return {
    name,
    ...(order === undefined ? {} : { order }),
    ...(from === undefined ? {} : { from }),
    ...(timeoutMs === undefined ? {} : { timeoutMs }),
    records: Object.keys(records ?? {}),
    tick:
      tick === undefined
        ? null
        : { every: tick.every, ...(tick.idle === undefined ? {} : { idle: tick.idle }) },
  };
}

function describeRoute({ method, path, definition }: Route): RouteDescription {
  const { summary, capability, scope, status, audit, params, query, body, output } = definition;
  const pack = (schema: unknown) => packSchema(schema as Schema | undefined);
  return {
    method,
    path,
    ...(summary === undefined ? {} : { summary }),
    capability,
    scope,
    ...(status === undefined ? {} : { status }),
    ...(audit === undefined ? {} : { audit }),
    params: pack(params),
    query: pack(query),
    body: pack(body),
    output: pack(output),
  };
}

function packAll(
  schemas: Readonly<Record<string, Schema>> | undefined,
): Readonly<Record<string, WireSchema>> {
  return Object.fromEntries(
    Object.entries(schemas ?? {}).flatMap(([type, schema]) => {
      const packed = packSchema(schema);
      return packed === null ? [] : [[type, packed] as const];
    }),
  );
}
