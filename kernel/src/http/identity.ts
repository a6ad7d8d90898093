/** Who makes a request: told by a header, by the cookie, or, where a route takes it, by a token in the URL. */
import type { IncomingMessage } from 'node:http';
import type { Caller, Callers } from '../auth/caller.ts';
import { credentialOf } from '../auth/credential.ts';
import { urlTokenName, type UrlTokens } from '../auth/url-tokens.ts';

export interface Identity {
  readonly caller: Caller;
  /** Who it is by now, while the answer is being sent. @throws HeldarError `unauthenticated`. */
  again(): Caller;
  /** The token that the URL carries, if it is by this that the caller is known. */
  readonly urlToken: string | null;
}

/** @throws HeldarError `unauthenticated`. */
export type Identify = (request: IncomingMessage, takesUrlToken: boolean) => Identity;

/** A header counts first, good or not. */
export function createIdentify(callers: Callers, tokens: UrlTokens): Identify {
  return (request, takesUrlToken) => {
    const { headers, url = '' } = request;
    const urlToken = takesUrlToken && credentialOf(headers) === null ? tokenIn(url) : null;
    if (urlToken === null) {
      const again = () => callers.callerOf(headers);
      return { caller: again(), again, urlToken };
    }
    const credential = tokens.open(urlToken, url);
    // What has begun may outlast the token, not the credential.
    const again = () => callers.callerNamed(credential);
    return { caller: again(), again, urlToken };
  };
}

function tokenIn(url: string): string | null {
  const [, query] = url.split('?');
  return query === undefined ? null : new URLSearchParams(query).get(urlTokenName);
}
