/** How does one request to the server go, bounded in time and size? */

export interface Request {
  readonly method: 'GET' | 'POST';
  /** Root-relative, with the query. */
  readonly path: string;
  /** JSON text. */
  readonly body?: string;
  /** A longer answer is refused. */
  readonly maxAnswerBytes: number;
}

/** `failed`: no whole answer came, which may be different next time. `refused`: it would be the same again. */
export type Attempt =
  | { readonly kind: 'answer'; readonly status: number; readonly headers: Headers; readonly body: Uint8Array }
  | { readonly kind: 'failed'; readonly reason: string }
  | { readonly kind: 'refused'; readonly reason: string };

/** Why an answer is no success, with the server's own words if it gave any. */
export function statusReason({
  status,
  body,
}: {
  readonly status: number;
  readonly body: Uint8Array;
}): string {
  const text = /"error"\s*:\s*"((?:[^"\\]|\\.){1,200})/.exec(
    new TextDecoder().decode(body.subarray(0, 1000)),
  )?.[1];
  return text === undefined ? `status ${status}` : `status ${status}: ${text}`;
}

export type Send = (request: Request, signal: AbortSignal) => Promise<Attempt>;

export interface Connection {
  /** Without a slash at the end. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly fetch: typeof globalThis.fetch;
  readonly timeoutMs: number;
}

/** Answers a sender; it rejects only when the caller's signal is aborted. */
export function sendTo({ baseUrl, apiKey, fetch, timeoutMs }: Connection): Send {
  return async (request, signal) => {
    signal.throwIfAborted();
    const limit = AbortSignal.timeout(timeoutMs);
    try {
      const response = await fetch(baseUrl + request.path, {
        method: request.method,
        headers: headersOf(request, apiKey),
        body: request.body ?? null,
        // A redirect would carry the key to a place nobody configured.
        redirect: 'manual',
        signal: AbortSignal.any([signal, limit]),
      });
      const body = await readBody(response, request.maxAnswerBytes);
      if (!body) return { kind: 'refused', reason: `answer of more than ${request.maxAnswerBytes} bytes` };
      return { kind: 'answer', status: response.status, headers: response.headers, body };
    } catch (error) {
      signal.throwIfAborted();
      if (limit.aborted) return { kind: 'failed', reason: `no answer within ${timeoutMs} ms` };
      return { kind: 'failed', reason: networkReason(error) };
    }
  };
}

function headersOf(request: Request, apiKey: string | undefined): Record<string, string> {
  return {
    'user-agent': 'heldar-ai-worker/1.0',
    ...(apiKey === undefined ? {} : { 'x-api-key': apiKey }),
    ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
  };
}

async function readBody(response: Response, maxBytes: number): Promise<Uint8Array | null> {
  if (!response.body) return new Uint8Array();
  const chunks: Uint8Array[] = [];
  let sizeBytes = 0;
  for await (const chunk of response.body) {
    sizeBytes += chunk.length;
    // Leaving the loop cancels the rest of the body.
    if (sizeBytes > maxBytes) return null;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, sizeBytes);
}

/** The code of the socket's error: fetch's own message says only that it failed, and may quote a header. */
function networkReason(error: unknown): string {
  const cause = error instanceof Error ? error.cause : undefined;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return typeof code === 'string' ? `connection error ${code}` : 'connection error';
}
