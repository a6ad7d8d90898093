/** One life of a plugin: from `setup` to the undoing of all that it returned. */
import type { Contributions, Health, PluginDefinition, Route } from '@heldar/plugin-sdk';
import type { DependencyContainer } from 'tsyringe';
import type { Clock } from '../clock.ts';
import type { Dispatcher } from '../detections/dispatcher.ts';
import { HeldarError } from '../errors.ts';
import type { EventHandlers } from '../events/handlers.ts';
import type { Watch } from '../runtime/watchdog.ts';
import { withDeadline } from '../runtime/deadline.ts';
import type { Store } from '../store/store.ts';
import { createEventTypes } from './event-types.ts';
import { startJob } from './jobs.ts';
import { openScope } from './scope.ts';
import type { Services } from './services.ts';
import type { TxOwner } from './tx.ts';

/** What a generation plugs into. */
export interface Sockets {
  readonly root: DependencyContainer;
  readonly store: Store;
  readonly clock: Clock;
  readonly watch: Watch;
  readonly dispatcher: Dispatcher;
  readonly handlers: EventHandlers;
  readonly services: Services;
  mountRoutes(owner: TxOwner, routes: readonly Route[]): { unmount(): void };
  siteOf(cameraId: string): string | null;
  onJobFailed(plugin: string, job: string, error: unknown): void;
}

export interface Generation {
  readonly contributions: Summary;
  health(): Promise<Health>;
  /** Undoes everything, in reverse. */
  dispose(): Promise<void>;
}

/** What a plugin contributes, by name. */
export interface Summary {
  readonly routes: readonly string[];
  readonly consumers: readonly string[];
  readonly handlers: readonly string[];
  readonly jobs: readonly string[];
  readonly services: readonly string[];
}

/** Limits on a plugin's own code, ms. */
export const generationLimits = { setup: 15_000, dispose: 10_000, health: 5_000 } as const;

type Undo = () => void | Promise<void>;

/** Runs `setup` and plugs in what it returns; when anything fails, what was plugged in is undone first. */
export async function startGeneration(
  sockets: Sockets,
  definition: PluginDefinition,
  config: unknown,
  allowedRoutes: readonly string[],
): Promise<Generation> {
  const { name } = definition;
  const abort = new AbortController();
  const scope = openScope(
    sockets.root,
    { name, config, capabilities: definition.capabilities ?? [] },
    abort.signal,
  );
  const undo: Undo[] = [() => scope.dispose(), () => abort.abort(new Error(`${name} is disposed`))];
  const undoAll = async () => {
    for (const step of undo.splice(0).reverse()) await step();
  };
  try {
    const leave = sockets.watch.enter(`${name} setup`);
    let setup: ReturnType<PluginDefinition['setup']>;
    try {
      setup = definition.setup(scope.context as never);
    } finally {
      leave();
    }
    const contributions: Contributions = await withDeadline(
      Promise.resolve(setup),
      generationLimits.setup,
      `${name}: setup did not finish within ${generationLimits.setup} ms`,
    );
    if (typeof contributions !== 'object' || contributions === null)
      throw new HeldarError(
        'plugin_invalid',
        `${name}: setup returned ${String(contributions)}; return an object of contributions`,
      );
    await plugIn(sockets, definition, contributions, allowedRoutes, undo);
    return {
      contributions: summarise(contributions),
      health: async () =>
        (await withDeadline(
          Promise.resolve(contributions.health?.()),
          generationLimits.health,
          `${name}: health did not answer`,
        )) ?? { ok: true },
      dispose: undoAll,
    };
  } catch (error) {
    await undoAll();
    throw error;
  }
}

async function plugIn(
  sockets: Sockets,
  definition: PluginDefinition,
  contributions: Contributions,
  allowedRoutes: readonly string[],
  undo: Undo[],
): Promise<void> {
  const { name } = definition;
  const owner: TxOwner = {
    plugin: name,
    events: createEventTypes(name, definition.emits ?? {}),
    recordTypes: new Set(Object.keys(definition.records ?? {})),
    siteOf: sockets.siteOf,
  };
  if (contributions.dispose !== undefined)
    undo.push(() =>
      withDeadline(
        Promise.resolve(contributions.dispose?.()),
        generationLimits.dispose,
        `${name}: dispose did not finish`,
      ),
    );
  if (contributions.services !== undefined) {
    sockets.services.offer(name, contributions.services);
    undo.push(() => sockets.services.withdraw(name));
  }
  for (const consumer of contributions.consumers ?? []) {
    const attached = await sockets.dispatcher.attach({
      plugin: name,
      consumes: definition.consumes ?? [],
      definition: consumer as never,
      events: owner.events,
    });
    undo.push(() => attached.detach());
  }
  for (const handler of contributions.handlers ?? []) {
    const attached = await sockets.handlers.attach({ owner, handler });
    undo.push(() => attached.detach());
  }
  for (const job of contributions.jobs ?? []) {
    const running = startJob({
      ...sockets,
      owner,
      job,
      onFailed: (error) => sockets.onJobFailed(name, job.name, error),
    });
    undo.push(() => running.stop());
  }
  const routes = contributions.routes ?? [];
  checkPaths(name, routes, allowedRoutes);
  if (routes.length > 0) {
    const mounted = sockets.mountRoutes(owner, routes);
    undo.push(() => mounted.unmount());
  }
}

/** Absolute paths must stand in the plugin's package.json, where pre-flight has checked them. */
function checkPaths(plugin: string, routes: readonly Route[], allowed: readonly string[]): void {
  const known = new Set(allowed);
  for (const { method, path } of routes)
    if (path.startsWith('/api/') && !known.has(`${method} ${path}`))
      throw new HeldarError(
        'plugin_invalid',
        `${plugin}: the route ${method} ${path} is absolute but not declared; write a path below /api/v1/plugins/${plugin} such as '/list', or list it under heldar.routes in package.json`,
      );
}

function summarise(contributions: Contributions): Summary {
  return {
    routes: (contributions.routes ?? []).map(({ method, path }) => `${method} ${path}`),
    consumers: (contributions.consumers ?? []).map(({ name }) => name),
    handlers: (contributions.handlers ?? []).map(({ name }) => name),
    jobs: (contributions.jobs ?? []).map(({ name }) => name),
    services: Object.keys(contributions.services ?? {}),
  };
}
