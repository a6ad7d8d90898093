/** Which routes does a kernel with the zones plugin serve? Their declarations are data: nothing runs to read them. */
import type { Route } from '@heldar/plugin-sdk';
import { createKernelRoutes } from '../../kernel/src/boot/routes.ts';
import {
  mountKernelRoute,
  mountPluginRoute,
  type MountedRoute,
} from '../../kernel/src/http/mounted-route.ts';
import zones from '../../plugins/zones/src/index.ts';

export interface DeclaredRoutes {
  readonly kernel: readonly MountedRoute[];
  readonly zones: readonly MountedRoute[];
}

/** @throws HeldarError for a route that the kernel would refuse to mount. */
export async function readDeclaredRoutes(): Promise<DeclaredRoutes> {
  const effects = () => {
    throw new Error('no handler runs here');
  };
  const kernel = createKernelRoutes(absent);
  const { routes = [] } = await zones.definition.setup(absent);
  return {
    kernel: kernel.map((route) => mountKernelRoute(route, effects)),
    zones: (routes as Route[]).map((route) => mountPluginRoute('zones', route, effects)),
  };
}

/** Stands for the parts that handlers use. Whatever is asked of it, it is again itself. */
const absent: never = new Proxy(() => undefined, {
  get: (_, name) => (name === Symbol.toPrimitive ? () => '' : absent),
  apply: () => absent,
}) as never;
