/** Do two routes want the same method and the same path shape? Asked before any plugin code runs. */

export interface RouteAddress {
  /** `kernel` or the plugin's name. */
  readonly owner: string;
  readonly method: string;
  /** From the server's root; `:name` marks a parameter. */
  readonly path: string;
}

export interface RouteClash {
  readonly method: string;
  /** The path with its parameters unnamed: `/api/v1/cameras/:/zones`. */
  readonly shape: string;
  /** Two at least, in the order given. */
  readonly routes: readonly RouteAddress[];
}

/** All clashes. Parameters are compared by position: `/a/:x` and `/a/:y` are the same shape, `/a/b` and `/a/:x` are not. */
export function findRouteClashes(routes: readonly RouteAddress[]): RouteClash[] {
  const byShape = Map.groupBy(routes, (route) => `${route.method} ${shapeOf(route.path)}`);
  return [...byShape.values()]
    .filter((same) => same.length > 1)
    .map((same) => ({ method: same[0]?.method ?? '', shape: shapeOf(same[0]?.path ?? ''), routes: same }));
}

export function describeClash(clash: RouteClash): string {
  const sides = clash.routes.map((route) => `${route.owner} (${route.path})`);
  return `${clash.method} ${clash.shape} is wanted by ${sides.join(' and ')}`;
}

function shapeOf(path: string): string {
  return path.replace(/:[^/]+/g, ':');
}
