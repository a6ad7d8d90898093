/** Which routes are served now? The kernel's always, each plugin's while it is mounted; every change swaps one pointer. */
import type { Route } from '@heldar/plugin-sdk';
import type { Context } from 'koa';
import { HeldarError } from '../errors.ts';
import type { Effects } from './commit.ts';
import type { KernelCapability, KernelRoute } from './kernel-route.ts';
import {
  kernelOwner,
  mountKernelRoute,
  mountPluginRoute,
  type MountedRoute,
  type MountedScope,
} from './mounted-route.ts';
import { buildRouteTable } from './route-table.ts';

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
  mountPlugin(plugin: string, routes: readonly Route[], effects: Effects): { unmount(): void };
  list(): ListedRoute[];
  /** The routes served now; the same array until they change. */
  readonly served: readonly MountedRoute[];
}

export function createMounts(options: {
  routes: readonly KernelRoute[];
  /** For routes of the kernel. */
  effects: Effects;
  serve: (route: MountedRoute, context: Context) => Promise<void>;
}): Mounts {
  const kernelRoutes = options.routes.map((route) => mountKernelRoute(route, options.effects));
  let byPlugin: ReadonlyMap<string, readonly MountedRoute[]> = new Map();
  let table = buildRouteTable(kernelRoutes, options.serve);

  /** Both pointers move together, or neither when the new table can't be built. */
  const swap = (next: ReadonlyMap<string, readonly MountedRoute[]>) => {
    table = buildRouteTable([...kernelRoutes, ...[...next.values()].flat()], options.serve);
    byPlugin = next;
  };
  return {
    dispatch: (context) => table.dispatch(context),
    mountPlugin(plugin, routes, effects) {
      if (plugin === kernelOwner) throw new HeldarError('plugin_invalid', 'no plugin can be named kernel');
      const mounted = routes.map((route) => mountPluginRoute(plugin, route, effects));
      swap(new Map([...byPlugin, [plugin, mounted]]));
      return {
        unmount() {
          if (byPlugin.get(plugin) !== mounted) return;
          swap(new Map([...byPlugin].filter(([name]) => name !== plugin)));
        },
      };
    },
    get served() {
      return table.routes;
    },
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
