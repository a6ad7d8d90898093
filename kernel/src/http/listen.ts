/** How does the server meet the network: its time limits, an address, and requests too broken to be routed. */
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Duplex } from 'node:stream';
import { HeldarError, messageOf } from '../errors.ts';
import type { HttpLimits } from './limits.ts';

/** How often Node looks for requests that take too long to arrive. */
const longestCheckMs = 5000;

export function createHttpServer(handler: RequestListener, limits: HttpLimits): Server {
  const latest = new WeakMap<Duplex, ServerResponse>();
  const serve: RequestListener = (request, response) => {
    latest.set(request.socket, response);
    handler(request, response);
  };
  const server = createServer(
    {
      headersTimeout: limits.receiveMs,
      requestTimeout: limits.receiveMs,
      connectionsCheckingInterval: Math.min(longestCheckMs, Math.ceil(limits.receiveMs / 4)),
      keepAliveTimeout: limits.keepAliveMs,
      // Refused in Node without a body; probes of HTTP/1.0 send none.
      requireHostHeader: false,
    },
    serve,
  );
  server.timeout = limits.stalledMs;
  // With a listener Node leaves the 100 to us: it goes out when the body is wanted, not before.
  server.on('checkContinue', serve);
  server.on('checkExpectation', serve);
  server.on('clientError', (error: NodeJS.ErrnoException, socket) => {
    const response = latest.get(socket);
    const begun = response !== undefined && response.headersSent && !response.writableFinished;
    if (begun || !socket.writable || error.code === 'ECONNRESET') socket.destroy();
    else socket.end(brokenAnswer(error.code));
  });
  return server;
}

/** An answer to what never became a request: the same JSON as everywhere. */
function brokenAnswer(code: string | undefined): string {
  const [status, text] = describeBroken(code);
  const body = JSON.stringify({ error: text });
  return `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\nConnection: close\r\n\r\n${body}`;
}

function describeBroken(code: string | undefined): [status: string, text: string] {
  switch (code) {
    case 'ERR_HTTP_REQUEST_TIMEOUT':
      return ['408 Request Timeout', 'the request took too long to arrive'];
    case 'HPE_HEADER_OVERFLOW':
      return ['431 Request Header Fields Too Large', 'the headers are too large'];
    case 'HPE_CHUNK_EXTENSIONS_OVERFLOW':
      return ['413 Payload Too Large', 'the chunk extensions are too large'];
    default:
      return ['400 Bad Request', 'this is not an HTTP request'];
  }
}

/** @throws HeldarError `config_invalid` naming the address and what to do. */
export async function listen(server: Server, address: { host: string; port: number }): Promise<AddressInfo> {
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(address, () => {
      server.off('error', reject);
      resolve();
    });
  }).catch((error: unknown) => {
    throw new HeldarError('config_invalid', explain(error as NodeJS.ErrnoException, address), {
      cause: error,
      details: address,
    });
  });
  return server.address() as AddressInfo;
}

function explain(error: NodeJS.ErrnoException, { host, port }: { host: string; port: number }): string {
  switch (error.code) {
    case 'EADDRINUSE':
      return `port ${port} on ${host} is taken; stop the program that uses it, or set HELDAR_API_PORT to a free port`;
    case 'EACCES':
      return `this user may not listen on port ${port}; set HELDAR_API_PORT to a port above 1023`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `${host} is no address of this machine; set HELDAR_API_HOST to one, or to 0.0.0.0`;
    default:
      return `cannot listen on ${host}:${port}: ${messageOf(error)}; set HELDAR_API_HOST and HELDAR_API_PORT`;
  }
}

/** No new connections; resolves when the last one is gone. Does nothing to a server that never listened. */
export function stopListening(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
  });
}
