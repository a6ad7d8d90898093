/** How is a request served without a port: through the real server, over a pair of streams in memory. */
import { request as httpRequest, type IncomingMessage, type Server } from 'node:http';
import { duplexPair, Readable } from 'node:stream';

export interface InjectedRequest {
  /** Default GET. */
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Text and bytes are sent as they are; anything else as JSON, with the content type for it. */
  readonly body?: unknown;
  /** Hangs up when aborted. */
  readonly signal?: AbortSignal;
}

/** Resolves when the headers are there; the body streams. `inject(server, '/api/v1/site')` answers what `fetch` would. */
export async function inject(server: Server, path: string, request: InjectedRequest = {}): Promise<Response> {
  const { headers, body } = encode(request);
  const [clientSide, serverSide] = duplexPair();
  server.emit('connection', serverSide);
  const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
    const outgoing = httpRequest({
      path,
      method: request.method ?? 'GET',
      headers: { host: 'heldar.local', connection: 'close', ...headers },
      createConnection: () => clientSide,
      ...(request.signal === undefined ? {} : { signal: request.signal }),
    });
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
    outgoing.end(body);
  });
  return toResponse(incoming);
}

function encode({ headers = {}, body }: InjectedRequest): {
  headers: Record<string, string>;
  body: string | Uint8Array | undefined;
} {
  if (body === undefined || typeof body === 'string' || body instanceof Uint8Array) return { headers, body };
  return { headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body) };
}

/** Statuses whose answers have no body. */
const bodiless = new Set([204, 205, 304]);

function toResponse(incoming: IncomingMessage): Response {
  const headers = new Headers();
  for (let at = 0; at < incoming.rawHeaders.length; at += 2)
    headers.append(incoming.rawHeaders[at] ?? '', incoming.rawHeaders[at + 1] ?? '');
  const status = incoming.statusCode ?? 500;
  const empty = bodiless.has(status);
  if (empty) incoming.resume();
  return new Response(empty ? null : (Readable.toWeb(incoming) as ReadableStream), { status, headers });
}
