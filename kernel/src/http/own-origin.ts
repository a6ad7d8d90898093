/** Does a browser ask for one of our own pages? It adds its cookie to what other sites make it send, too. */
import type { IncomingHttpHeaders } from 'node:http';
import { credentialOf } from '../auth/credential.ts';
import { HeldarError } from '../errors.ts';
import type { Method } from '@heldar/plugin-sdk';

/**
 * Lets a change through that carries the cookie when the browser says that it is of the same origin, or a person's own doing, or when
 * nothing says otherwise: what is no browser sends neither header.
 * @throws HeldarError `forbidden`.
 */
export function requireOwnOrigin(method: Method, headers: IncomingHttpHeaders): void {
  if (method === 'GET' || credentialOf(headers)?.isCookie !== true) return;
  const site = headers['sec-fetch-site'];
  const isOwn =
    typeof site === 'string'
      ? site === 'same-origin' || site === 'none'
      : headers.origin === undefined || URL.parse(headers.origin)?.host === headers.host;
  if (!isOwn)
    throw new HeldarError(
      'forbidden',
      'this was sent by a page of another site; a session in a cookie may be used by pages of this server alone',
    );
}
