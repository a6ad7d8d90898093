/** From which address does a request come? What a proxy says counts only when the proxy is one that is trusted. */
import type { IncomingMessage } from 'node:http';
import proxyAddr from 'proxy-addr';
import { messageOf } from '../errors.ts';

export interface Client {
  readonly address: string;
  readonly isSecure: boolean;
}

export interface ClientAddresses {
  /** Behind trusted proxies, that of the nearest that is not one; never blank. */
  addressOf(request: IncomingMessage): string;
  /** Whether the client's side of the connection is encrypted, as far as can be told. */
  isSecure(request: IncomingMessage): boolean;
}

/** `proxies`: addresses and networks, as `10.0.0.0/8`; `loopback`, `linklocal` and `uniquelocal` stand for theirs. */
export function createClientAddresses(proxies: readonly string[]): ClientAddresses {
  const isTrusted = proxyAddr.compile([...proxies]);
  return {
    addressOf: (request) => proxyAddr(request, isTrusted) || 'unknown',
    isSecure(request) {
      if ('encrypted' in request.socket && request.socket.encrypted === true) return true;
      if (!isTrusted(request.socket.remoteAddress ?? '', 0)) return false;
      // A chain of proxies appends: the first value is that of the client's own connection.
      const said = request.headers['x-forwarded-proto'];
      return (Array.isArray(said) ? said[0] : said)?.split(',')[0]?.trim().toLowerCase() === 'https';
    },
  };
}

/** Why these can't be proxies, or null. */
export function proxiesProblem(proxies: readonly string[]): string | null {
  try {
    proxyAddr.compile([...proxies]);
    return null;
  } catch (error) {
    return `${messageOf(error)}; name addresses or networks, such as 127.0.0.1 or 10.0.0.0/8`;
  }
}
