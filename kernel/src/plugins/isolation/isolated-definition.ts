/** How does a plugin that runs elsewhere look to the host? As any other: a definition whose functions ask its isolate. */
import {
  reply,
  type Contributions,
  type EventHandler,
  type Health,
  type Job,
  type Method,
  type PluginDefinition,
  type Route,
  type RouteRequest,
  type Schema,
} from '@heldar/plugin-sdk';
import { markRemote } from '../../detections/remote-run.ts';
import { withDeadline } from '../../runtime/deadline.ts';
import { createEventTypes } from '../event-types.ts';
import type { PluginLimits } from '../limits.ts';
import { adoptChange } from '../tx.ts';
import type { Allowed } from './checked-effects.ts';
import type { Keeper } from './keeper.ts';
import type {
  ConsumerDescription,
  ContributionsDescription,
  PluginDescription,
  RouteDescription,
  RoutePlace,
  RouteReply,
} from './protocol.ts';
import { createRemoteConsumers, type RemoteConsumers } from './remote-consumer.ts';
import { openSchema, unpackSchema, type WireSchema } from './wire-schema.ts';
import { packScope } from './wire-scope.ts';

export interface Surroundings {
  readonly storeId: string;
  /** Of all cameras. */
  cameraIds(): readonly string[];
  onCamerasChange(listener: () => void): () => void;
}

/** `surroundings`: asked when `setup` runs; before that there is no store. */
export function isolatedDefinition(
  keeper: Keeper,
  description: PluginDescription,
  limits: PluginLimits,
  surroundings: () => Surroundings,
): PluginDefinition {
  const { name, config, consumes, capabilities, migrations, isolation } = description;
  const emits = openAll(description.emits);
  const records = openAll(description.records);
  return {
    name,
    ...(config === null
      ? {}
      : {
          config: unpackSchema(config, async (raw) => {
            const checked = await keeper.checkOptions(raw);
            return 'options' in checked ? { value: checked.options } : { issues: [...checked.problems] };
          }),
        }),
    consumes,
    emits,
    records,
    capabilities,
    ...(migrations === null ? {} : { migrations }),
    isolation,
    async setup(ctx) {
      const { storeId, cameraIds, onCamerasChange } = surroundings();
      const journal = createEventTypes(name, emits);
      const allowed: Allowed = {
        plugin: name,
        events: new Set(Object.keys(emits).map((type) => journal.listened(type))),
        records: new Set(Object.keys(records).map((type) => `${name}.${type}`)),
      };
      const consumers = createRemoteConsumers(keeper, allowed);
      let isSetUp = false;
      const forgetCameras = onCamerasChange(() => keeper.camerasChanged());
      ctx.signal.addEventListener('abort', () => {
        forgetCameras();
        if (isSetUp) keeper.abort((ctx.signal.reason as Error).message);
        else void keeper.stop();
      });
      const described = await keeper.setup({
        storeId,
        serve: {
          async settled({ call }) {
            await consumers.settled(call);
            return null;
          },
          service: ({ plugin, name: service, args }) =>
            ctx.service<(...args: unknown[]) => Promise<unknown>>(plugin, service)(...args),
        },
        log: ({ level, data, message }) =>
          data === null ? ctx.log[level](message) : ctx.log[level](data, message),
        cameras: () => (capabilities.includes('cameras:read') ? ctx.cameras.list() : []),
      });
      isSetUp = true;
      return {
        ...contributionsOf(keeper, described, consumers, allowed, cameraIds),
        async dispose() {
          try {
            await withDeadline(
              keeper.dispose(),
              limits.disposeMs * 0.8,
              `dispose did not end within ${limits.disposeMs * 0.8} ms; its isolate is ended`,
            );
          } finally {
            await keeper.stop();
          }
        },
      } as Awaited<ReturnType<PluginDefinition['setup']>>;
    },
  };
}

function contributionsOf(
  keeper: Keeper,
  described: ContributionsDescription,
  consumers: RemoteConsumers,
  allowed: Allowed,
  cameraIds: () => readonly string[],
): Contributions {
  return {
    consumers: described.consumers.map((consumer) => consumerOf(consumer, consumers)),
    routes: described.routes.map((route, index) => routeOf(keeper, route, index, allowed, cameraIds)),
    handlers: described.handlers.map(({ name, types }, handler): EventHandler => ({
      kind: 'event',
      name,
      types,
      async run(event, { signal, tx }) {
        const input = { handler, now: tx.now, event };
        adoptChange(tx, allowed, await keeper.call('handler', () => input, signal));
      },
    })),
    jobs: described.jobs.map(({ name, schedule }, job): Job => ({
      kind: 'job',
      name,
      schedule,
      async run({ signal, now, tx }) {
        adoptChange(tx, allowed, await keeper.call('job', () => ({ job, now }), signal));
      },
    })),
    services: Object.fromEntries(
      described.services.map((name) => [
        name,
        (...args: unknown[]) => keeper.call('service', () => ({ name, args })),
      ]),
    ),
    ...(described.health ? { health: async () => (await keeper.call('health', () => null)) as Health } : {}),
  };
}

/** `consume` and the like only say that there is something: its calls take the remote way. */
function consumerOf(
  { name, order, from, timeoutMs, records, tick }: ConsumerDescription,
  consumers: RemoteConsumers,
): NonNullable<Contributions['consumers']>[number] {
  const elsewhere = () => {
    throw new Error(`the consumer ${name} runs in an isolate`);
  };
  return markRemote(
    {
      name,
      ...(order === undefined ? {} : { order }),
      ...(from === undefined ? {} : { from }),
      ...(timeoutMs === undefined ? {} : { timeoutMs }),
      consume: elsewhere,
      records: Object.fromEntries(records.map((type) => [type, elsewhere])),
      ...(tick === null ? {} : { tick: { ...tick, run: elsewhere } }),
    },
    consumers.runOf(name),
  );
}

/** Credentials of the caller are the kernel's business. */
const withheld: ReadonlySet<string> = new Set([
  'authorization',
  'cookie',
  'x-api-key',
  'proxy-authorization',
]);

function routeOf(
  keeper: Keeper,
  described: RouteDescription,
  route: number,
  allowed: Allowed,
  cameraIds: () => readonly string[],
): Route {
  const { method, path, summary, capability, scope, status, audit } = described;
  const asked = (place: RoutePlace): { [Place in RoutePlace]?: Schema } => {
    const packed = described[place];
    if (packed === null) return {};
    const validate = (value: unknown) => keeper.call('validate', () => ({ route, place, value }));
    return { [place]: unpackSchema(packed, validate) };
  };
  type Request = RouteRequest<unknown, unknown, unknown, unknown, unknown>;
  return {
    method: method as Method,
    path,
    definition: {
      ...(summary === undefined ? {} : { summary }),
      capability: capability as Route['definition']['capability'],
      scope: scope as Route['definition']['scope'],
      ...(status === undefined ? {} : { status }),
      ...(audit === undefined ? {} : { audit: audit as { none: string } }),
      ...asked('params'),
      ...asked('query'),
      ...asked('body'),
      ...(described.output === null ? {} : { output: openSchema(described.output) }),
      async handle(request: Request) {
        const { params, query, body, principal, cameras, signal, tx } = request;
        const headers = Object.fromEntries(
          Object.entries(request.headers).filter(([name]) => !withheld.has(name)),
        );
        const answered = await keeper.call(
          'route',
          () => ({
            route,
            now: tx.now,
            params,
            query,
            body,
            principal,
            cameras: packScope(cameras, cameraIds()),
            headers,
          }),
          signal,
        );
        adoptChange(tx, allowed, answered);
        return unpackAnswer(answered);
      },
    },
  };
}

function unpackAnswer({ answer }: RouteReply): unknown {
  if (!('json' in answer)) return reply(answer);
  return answer.json === null ? undefined : (JSON.parse(answer.json) as unknown);
}

function openAll(schemas: Readonly<Record<string, WireSchema>>): Record<string, Schema> {
  return Object.fromEntries(Object.entries(schemas).map(([type, packed]) => [type, openSchema(packed)]));
}
