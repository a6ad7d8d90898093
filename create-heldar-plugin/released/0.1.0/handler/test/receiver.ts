/** The other system: an HTTP server that keeps what it is sent. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

export interface Receiver extends AsyncDisposable {
  readonly url: string;
  /** Each request so far, whatever it was answered. */
  readonly received: readonly { readonly key: string | undefined; readonly body: unknown }[];
}

/** `answers`: the status of the first request, of the second, and so on; 204 afterwards. */
export async function startReceiver(answers: readonly number[] = []): Promise<Receiver> {
  const received: { key: string | undefined; body: unknown }[] = [];
  const receive = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const key = request.headers['idempotency-key']?.toString();
    received.push({ key, body: JSON.parse(await text(request)) as unknown });
    response.writeHead(answers[received.length - 1] ?? 204).end();
  };
  const server = createServer((request, response) => void receive(request, response));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/hook`,
    received,
    async [Symbol.asyncDispose]() {
      server.close();
      server.closeAllConnections();
      await once(server, 'close');
    },
  };
}
