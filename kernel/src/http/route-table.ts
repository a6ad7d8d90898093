/** Which route serves a method and path? One immutable table; a change builds the next one whole. */
import { Router } from '@koa/router';
import type { Context } from 'koa';
import { HeldarError } from '../errors.ts';
import type { MountedRoute } from './mounted-route.ts';
import { describeClash, findRouteClashes } from './route-clashes.ts';

export interface RouteTable {
  readonly routes: readonly MountedRoute[];
  /** Serves the request, or throws 404 or 405. */
  dispatch(context: Context): Promise<unknown>;
}

/** @throws HeldarError `plugin_invalid` when two routes clash. */
export function refuseClashes(routes: readonly MountedRoute[]): void {
  const clashes = findRouteClashes(routes);
  if (clashes.length > 0)
    throw new HeldarError('plugin_invalid', clashes.map(describeClash).join('; '), { details: { clashes } });
}

/** @throws HeldarError as `refuseClashes`. */
export function buildRouteTable(
  routes: readonly MountedRoute[],
  serve: (route: MountedRoute, context: Context) => Promise<void>,
): RouteTable {
  refuseClashes(routes);
  const router = new Router({ strict: true, sensitive: true });
  for (const route of [...routes].sort(bySpecificity))
    router.register(route.path, [route.method], (context) => serve(route, context));
  const dispatch = router.routes() as unknown as (
    context: Context,
    next: () => Promise<void>,
  ) => Promise<unknown>;
  return { routes, dispatch: (context) => dispatch(context, () => refuse(context)) };
}

/** The router takes the first match: fixed segments stand before parameters, from left to right. */
function bySpecificity(a: MountedRoute, b: MountedRoute): number {
  const [left, right] = [rankOf(a), rankOf(b)];
  return left < right ? -1 : Number(left > right);
}

function rankOf(route: MountedRoute): string {
  return route.path.replace(/:[^/]+/g, '\uffff');
}

interface Matched {
  readonly matched?: readonly { readonly methods: readonly string[] }[];
}

async function refuse(context: Context): Promise<void> {
  const found = (context as Context & Matched).matched ?? [];
  if (found.length === 0) throw new HeldarError('not_found', 'there is nothing at this path');
  const allow = [...new Set(found.flatMap((layer) => layer.methods))].sort().join(', ');
  throw new HeldarError('method_not_allowed', `${context.method} is not served here, only ${allow}`, {
    details: { allow },
  });
}
