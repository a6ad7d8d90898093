/** How does a test get between the host and a plugin's code? The plugin stays what it is; each of its calls goes through `around`. */
import {
  definePlugin,
  isPluginInstance,
  type ConsumerDefinition,
  type Contributions,
  type Effects,
  type LazyPlugin,
  type PluginContext,
  type PluginDefinition,
  type PluginEntry,
  type PluginInstance,
  type Route,
  type Tx,
} from '@heldar/plugin-sdk';

/** A plugin that a test has imported, with or without its options. */
export type ImportedPlugin = Exclude<PluginEntry, string | LazyPlugin>;

export type CallKind =
  'setup' | 'batch' | 'record' | 'tick' | 'handler' | 'job' | 'route' | 'service' | 'health' | 'dispose';

export interface PluginCall {
  readonly kind: CallKind;
  readonly plugin: string;
  /** Of the consumer, handler, job, …; of the plugin for `setup`, `health` and `dispose`. */
  readonly name: string;
  /** Of a consumer's call: `s<sequence>` or `t<T>`; else empty. */
  readonly cause: string;
}

export type Fx = Effects<Record<string, unknown>>;
export type AnyTx = Tx<Record<string, unknown>, Record<string, unknown>>;

export interface Around {
  /** Runs a call, and answers what it does: synchronous when the call is. */
  call?<Result>(call: PluginCall, run: () => Result): Result;
  /** What a consumer's call gets for its effects. */
  effects?(call: PluginCall, fx: Fx): Fx;
  /** What a handler, a job or a route gets for its effects. */
  tx?(tx: AnyTx): AnyTx;
  context?(context: PluginContext<unknown>): PluginContext<unknown>;
}

type AnyFunction = (...args: never[]) => unknown;

/** The same plugin, from the same package. */
export function wrapPlugin(entry: ImportedPlugin, around: Around): PluginInstance {
  const { plugin, config } = isPluginInstance(entry) ? entry : entry();
  const { definition } = plugin;
  const wrapper = createWrapper(definition.name, around);
  const setup: PluginDefinition['setup'] = async (context) => {
    const given = around.context?.(context) ?? context;
    const contributions = await wrapper.run('setup', definition.name, '', () =>
      definition.setup(given as never),
    );
    return wrapContributions(contributions, wrapper) as never;
  };
  const wrapped = definePlugin({ ...definition, setup });
  return Object.assign(wrapped, { definedIn: plugin.definedIn })(config);
}

interface Wrapper {
  readonly plugin: string;
  run<Result>(kind: CallKind, name: string, cause: string, run: () => Result): Result;
  /** The function as a call of that kind. */
  wrap<Wrapped extends AnyFunction>(kind: CallKind, name: string, wrapped: Wrapped): Wrapped;
  effects(kind: CallKind, name: string, cause: string, fx: Fx): Fx;
  /** The same with its `tx` given to `around`. */
  withTx<Given extends { readonly tx: AnyTx }>(given: Given): Given;
}

function createWrapper(plugin: string, around: Around): Wrapper {
  const run: Wrapper['run'] = (kind, name, cause, call) =>
    around.call === undefined ? call() : around.call({ kind, plugin, name, cause }, call);
  return {
    plugin,
    run,
    wrap(kind, name, wrapped) {
      const through = (...args: never[]) => run(kind, name, '', () => wrapped(...args));
      return through as typeof wrapped;
    },
    effects: (kind, name, cause, fx) => around.effects?.({ kind, plugin, name, cause }, fx) ?? fx,
    withTx: (given) => (around.tx === undefined ? given : { ...given, tx: around.tx(given.tx) }),
  };
}

/** What is no contribution at all goes through: the host says what is wrong with it. */
function wrapContributions(returned: Contributions, wrapper: Wrapper): Contributions {
  if (typeof returned !== 'object' || returned === null) return returned;
  const { consumers, handlers, jobs, routes, services, health, dispose } = returned;
  const { plugin } = wrapper;
  return {
    ...returned,
    ...(Array.isArray(consumers) && {
      consumers: consumers.map((consumer) => wrapConsumer(consumer, wrapper)),
    }),
    ...(Array.isArray(handlers) && {
      handlers: handlers.map(({ run, ...each }) => ({
        ...each,
        run: wrapper.wrap('handler', each.name, (event: never, context: { tx: AnyTx }) =>
          run(event, wrapper.withTx(context) as never),
        ),
      })),
    }),
    ...(Array.isArray(jobs) && {
      jobs: jobs.map(({ run, ...each }) => ({
        ...each,
        run: wrapper.wrap('job', each.name, (context: { tx: AnyTx }) =>
          run(wrapper.withTx(context) as never),
        ),
      })),
    }),
    ...(Array.isArray(routes) && { routes: routes.map((each: Route) => wrapRoute(each, wrapper)) }),
    ...(services !== undefined && {
      services: Object.fromEntries(
        Object.entries(services).map(([name, service]) => [name, wrapper.wrap('service', name, service)]),
      ),
    }),
    ...(health !== undefined && { health: wrapper.wrap('health', plugin, health) }),
    ...(dispose !== undefined && { dispose: wrapper.wrap('dispose', plugin, dispose) }),
  };
}

function wrapRoute(route: Route, wrapper: Wrapper): Route {
  const name = `${route.method} ${route.path}`;
  const { handle } = route.definition;
  const through = wrapper.wrap('route', name, (request: { tx: AnyTx }) =>
    handle(wrapper.withTx(request) as never),
  );
  return { ...route, definition: { ...route.definition, handle: through as typeof handle } };
}

function wrapConsumer(consumer: ConsumerDefinition, wrapper: Wrapper): ConsumerDefinition {
  type Call = (input: never, fx: Fx) => void | Promise<void>;
  const { name, tick } = consumer;
  const through = (kind: 'batch' | 'record', run: Call) => (input: { readonly seq: number }, fx: Fx) => {
    const cause = `s${input.seq}`;
    return wrapper.run(kind, name, cause, () => run(input as never, wrapper.effects(kind, name, cause, fx)));
  };
  const records = Object.entries(consumer.records ?? {}) as [string, Call][];
  return {
    ...consumer,
    consume: through('batch', (batch, fx) => consumer.consume(batch, fx)),
    ...(consumer.records !== undefined && {
      records: Object.fromEntries(records.map(([type, run]) => [type, through('record', run)])),
    }),
    ...(tick !== undefined && {
      tick: {
        ...tick,
        run: (fx: Fx) => {
          const cause = `t${fx.now}`;
          return wrapper.run('tick', name, cause, () => tick.run(wrapper.effects('tick', name, cause, fx)));
        },
      },
    }),
  };
}
