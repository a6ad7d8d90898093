/** How a plugin's code is called: as the plugin, and with its name where the watchdog sees it. */
import type { Contributions } from '@heldar/plugin-sdk';
import type { Watch } from '../runtime/watchdog.ts';
import { runAs } from './running-as.ts';
import type { Service } from './services.ts';

/**
 * The same contributions, each function of which runs as the plugin. Consumers, handlers and jobs are marked for the watchdog where
 * they are run; routes, services, health and dispose are marked here.
 */
export function callAs(watch: Watch, plugin: string, contributions: Contributions): Contributions {
  const as = <Result>(run: () => Result): Result => runAs(plugin, run);
  const marked = <Result>(what: string, run: () => Result): Result => {
    const leave = watch.enter(`${plugin} ${what}`);
    try {
      return runAs(plugin, run);
    } finally {
      leave();
    }
  };
  const { routes, consumers, handlers, jobs, services, health, dispose } = contributions;
  return {
    ...(routes === undefined ? {} : { routes: routes.map((route) => routeAs(route, marked)) }),
    ...(consumers === undefined ? {} : { consumers: consumers.map((consumer) => consumerAs(consumer, as)) }),
    ...(handlers === undefined
      ? {}
      : {
          handlers: handlers.map((handler) => ({
            ...handler,
            run: (event, context) => as(() => handler.run(event, context)),
          })),
        }),
    ...(jobs === undefined
      ? {}
      : { jobs: jobs.map((job) => ({ ...job, run: (context) => as(() => job.run(context)) })) }),
    ...(services === undefined ? {} : { services: servicesAs(services, marked) }),
    ...(health === undefined
      ? {}
      : { health: () => marked('health', () => contributions.health?.() ?? { ok: true }) }),
    ...(dispose === undefined ? {} : { dispose: () => marked('dispose', () => contributions.dispose?.()) }),
  };
}

type As = <Result>(run: () => Result) => Result;
type Marked = <Result>(what: string, run: () => Result) => Result;
type Consumer = NonNullable<Contributions['consumers']>[number];
type PluginRoute = NonNullable<Contributions['routes']>[number];

function consumerAs(consumer: Consumer, as: As): Consumer {
  const { records, tick } = consumer;
  const handlers = Object.entries((records ?? {}) as Record<string, (...args: unknown[]) => void>);
  return {
    ...consumer,
    consume: (batch, fx) => as(() => consumer.consume(batch, fx)),
    ...(records === undefined
      ? {}
      : {
          records: Object.fromEntries(
            handlers.map(([type, handle]) => [type, (...args: unknown[]) => as(() => handle(...args))]),
          ),
        }),
    ...(tick === undefined ? {} : { tick: { ...tick, run: (fx) => as(() => tick.run(fx)) } }),
  };
}

function routeAs(route: PluginRoute, marked: Marked): PluginRoute {
  const { definition } = route;
  // What it lacks, its mounting tells.
  if (typeof definition?.handle !== 'function') return route;
  return {
    ...route,
    definition: {
      ...definition,
      handle: (request) => marked(`${route.method} ${route.path}`, () => definition.handle(request)),
    },
  };
}

function servicesAs(
  services: Readonly<Record<string, Service>>,
  marked: Marked,
): Readonly<Record<string, Service>> {
  return Object.fromEntries(
    Object.entries(services).map(([name, serve]) => [
      name,
      (...args: never[]) => marked(`service ${name}`, () => serve(...args)),
    ]),
  );
}
