/** Which other origins may read answers. */
import type { Context } from 'koa';

const varies = 'origin, access-control-request-method, access-control-request-headers';

/**
 * Sets the cross-origin headers of every answer. `*` among the origins opens to all; no origins means the same origin only.
 * Credentials are never allowed across origins. A request from elsewhere still runs; the browser keeps its answer from the page.
 */
export function createCors(origins: readonly string[]): (context: Context) => void {
  const open = origins.includes('*');
  const allowed = new Set(origins);
  return (context) => {
    context.set('vary', varies);
    const origin = context.req.headers.origin;
    if (open) context.set('access-control-allow-origin', '*');
    else if (origin !== undefined && allowed.has(origin)) context.set('access-control-allow-origin', origin);
  };
}

/** Every OPTIONS request is a preflight, whatever its path: 200, empty. */
export function answerPreflight(context: Context): void {
  context.set('access-control-allow-methods', '*');
  context.set('access-control-allow-headers', '*');
  context.body = null;
  context.status = 200;
}
