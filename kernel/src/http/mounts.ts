/** Which routes are served now? The kernel's always, each plugin's while it is mounted; every change swaps one pointer. */
import type { Route } from '@heldar/plugin-sdk';
import type { Context } from 'koa';
import { HeldarError } from '../errors.ts';
import type { Effects } from './commit.ts';
import type { KernelCapability, KernelRoute } from './kernel-route.ts';
import { createHolds, createUsage, type Usage } from './holds.ts';
import {
  kernelOwner,
  mountKernelRoute,
  mountPluginRoute,
  type MountedRoute,
  type MountedScope,
} from './mounted-route.ts';
import { buildRouteTable, refuseClashes } from './route-table.ts';

export interface ListedRoute {
  readonly method: string;
  readonly path: string;
  /** `kernel` or the plugin's name. */
  readonly owner: string;
  readonly summary: string | undefined;
  readonly capability: KernelCapability;
  readonly scope: MountedScope;
}

export interface Mounts {
  /** Serves a request with the table of this moment. */
  dispatch(context: Context): Promise<unknown>;
  /** @throws HeldarError `plugin_invalid`; then nothing has changed. */
  mountPlugin(plugin: string, routes: readonly Route[], effects: Effects): MountedPlugin;
  /** @throws HeldarError `plugin_invalid` when `mountPlugin` would refuse them. */
  checkPlugin(plugin: string, routes: readonly Route[]): void;
  /** Requests to routes of the plugin wait from now on, and are then served by the table of that moment. */
  hold(plugin: string): { release(): void };
  list(): ListedRoute[];
  /** The routes served now; the same array until they change. */
  readonly served: readonly MountedRoute[];
}

export interface MountedPlugin {
  /** Takes the routes away, unless newer ones have replaced them. */
  unmount(): void;
  /** Resolves when no request is in one of these handlers; answers that are still being sent do not count. */
  idle(): Promise<void>;
}

/** How long a request is held at the most, ms; then it is answered 503. */
const holdLimitMs = 15_000;

export function createMounts(options: {
  routes: readonly KernelRoute[];
  /** For routes of the kernel. */
  effects: Effects;
  serve: (route: MountedRoute, context: Context) => Promise<void>;
}): Mounts {
  const kernelRoutes = options.routes.map((route) => mountKernelRoute(route, options.effects));
  const holds = createHolds(holdLimitMs);
  /** Requests in handlers of each mounting. */
  const usages = new WeakMap<MountedRoute, Usage>();
  const serve = async (route: MountedRoute, context: Context): Promise<void> => {
    const held = holds.of(route.owner);
    if (held !== undefined) {
      await held;
      await table.dispatch(context);
      return;
    }
    const usage = usages.get(route);
    if (usage === undefined) return options.serve(route, context);
    usage.enter();
    try {
      await options.serve(route, context);
    } finally {
      usage.leave();
    }
  };
  let byPlugin: ReadonlyMap<string, readonly MountedRoute[]> = new Map();
  let table = buildRouteTable(kernelRoutes, serve);

  const allWith = (next: ReadonlyMap<string, readonly MountedRoute[]>) => [
    ...kernelRoutes,
    ...[...next.values()].flat(),
  ];
  /** Both pointers move together, or neither when the new table can't be built. */
  const swap = (next: ReadonlyMap<string, readonly MountedRoute[]>) => {
    table = buildRouteTable(allWith(next), serve);
    byPlugin = next;
  };
  const build = (plugin: string, routes: readonly Route[], effects: Effects) => {
    if (plugin === kernelOwner) throw new HeldarError('plugin_invalid', 'no plugin can be named kernel');
    return routes.map((route) => mountPluginRoute(plugin, route, effects));
  };
  return {
    dispatch: (context) => table.dispatch(context),
    mountPlugin(plugin, routes, effects) {
      const mounted = build(plugin, routes, effects);
      const usage = createUsage();
      for (const route of mounted) usages.set(route, usage);
      swap(new Map([...byPlugin, [plugin, mounted]]));
      return {
        unmount() {
          if (byPlugin.get(plugin) !== mounted) return;
          swap(new Map([...byPlugin].filter(([name]) => name !== plugin)));
        },
        idle: () => usage.idle(),
      };
    },
    get served() {
      return table.routes;
    },
    checkPlugin(plugin, routes) {
      refuseClashes(allWith(new Map([...byPlugin, [plugin, build(plugin, routes, options.effects)]])));
    },
    hold: (plugin) => holds.hold(plugin),
    list: () =>
      table.routes.map(({ method, path, owner, summary, capability, scope }) => ({
        method,
        path,
        owner,
        summary,
        capability,
        scope,
      })),
  };
}
