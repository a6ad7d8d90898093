/** What does a client say on an RTSP connection, and how is an answer written? (RFC 2326) */

export interface RtspRequest {
  readonly kind: 'request';
  readonly method: string;
  readonly uri: string;
  readonly version: string;
  /** By lower-case name. */
  readonly headers: ReadonlyMap<string, string>;
  readonly body: Buffer;
}

/** A packet that shares the connection with the requests. */
export interface InterleavedPacket {
  readonly kind: 'interleaved';
  readonly channel: number;
  readonly data: Buffer;
}

/** What follows cannot be told apart any more: the connection has to end. */
export interface MalformedInput {
  readonly kind: 'malformed';
  readonly status: 400 | 413;
  readonly reason: string;
}

export type RtspMessage = RtspRequest | InterleavedPacket | MalformedInput;

export interface RtspResponse {
  readonly status: RtspStatus;
  readonly headers?: ResponseHeaders;
  readonly body?: string;
}

/** A list gives a line each. */
export type ResponseHeaders = Readonly<Record<string, string | readonly string[]>>;

export type RtspStatus = keyof typeof reasonPhrases;

export function isRtspStatus(status: number): status is RtspStatus {
  return Object.hasOwn(reasonPhrases, status);
}

const reasonPhrases = {
  200: 'OK',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  406: 'Not Acceptable',
  413: 'Request Entity Too Large',
  451: 'Parameter Not Understood',
  454: 'Session Not Found',
  455: 'Method Not Valid in This State',
  459: 'Aggregate Operation Not Allowed',
  461: 'Unsupported Transport',
  500: 'Internal Server Error',
  501: 'Not Implemented',
  503: 'Service Unavailable',
  505: 'RTSP Version Not Supported',
  551: 'Option Not Supported',
} as const;

const maxHeadBytes = 16_384;
const maxBodyBytes = 65_536;
const dollar = 0x24;
const carriageReturn = 0x0d;
const lineFeed = 0x0a;

/** Cuts the bytes of a connection, however they arrive, into messages. */
export class RtspParser {
  #pending: Buffer = Buffer.alloc(0);
  #broken = false;

  push(chunk: Buffer): RtspMessage[] {
    const messages: RtspMessage[] = [];
    if (this.#broken) return messages;
    this.#pending = this.#pending.length === 0 ? chunk : Buffer.concat([this.#pending, chunk]);
    for (let message = this.#next(); message !== undefined; message = this.#next()) {
      messages.push(message);
      this.#broken = message.kind === 'malformed';
      if (this.#broken) break;
    }
    return messages;
  }

  #next(): RtspMessage | undefined {
    this.#skipBlankLines();
    return this.#pending[0] === dollar ? this.#nextInterleaved() : this.#nextRequest();
  }

  #skipBlankLines(): void {
    const start = this.#pending.findIndex((byte) => byte !== carriageReturn && byte !== lineFeed);
    this.#pending = start === -1 ? Buffer.alloc(0) : this.#pending.subarray(start);
  }

  #nextInterleaved(): InterleavedPacket | undefined {
    if (this.#pending.length < 4) return undefined;
    const end = 4 + this.#pending.readUInt16BE(2);
    if (this.#pending.length < end) return undefined;
    const channel = this.#pending.readUInt8(1);
    return { kind: 'interleaved', channel, data: this.#take(end).subarray(4) };
  }

  #nextRequest(): RtspRequest | MalformedInput | undefined {
    const headBytes = findHeadEnd(this.#pending);
    if ((headBytes ?? this.#pending.length) > maxHeadBytes) {
      return { kind: 'malformed', status: 413, reason: `the head is longer than ${maxHeadBytes} bytes` };
    }
    if (headBytes === undefined) return undefined;
    const head = parseHead(this.#pending.toString('latin1', 0, headBytes));
    if (head.kind === 'malformed') return head;
    const end = headBytes + head.bodyBytes;
    if (this.#pending.length < end) return undefined;
    return { ...head.request, kind: 'request', body: this.#take(end).subarray(headBytes) };
  }

  #take(end: number): Buffer {
    const taken = this.#pending.subarray(0, end);
    this.#pending = this.#pending.subarray(end);
    return taken;
  }
}

export function serialiseResponse(response: RtspResponse, cseq: string | undefined): Buffer {
  const body = Buffer.from(response.body ?? '', 'utf8');
  const headers = {
    ...(cseq === undefined ? {} : { CSeq: cseq }),
    Server: 'Heldar simulated camera',
    ...response.headers,
    ...(body.length > 0 ? { 'Content-Length': String(body.length) } : {}),
  };
  const lines = Object.entries(headers).flatMap(([name, values]) =>
    [values].flat().map((value) => `${name}: ${value}\r\n`),
  );
  const head = `RTSP/1.0 ${response.status} ${reasonPhrases[response.status]}\r\n${lines.join('')}\r\n`;
  return Buffer.concat([Buffer.from(head, 'latin1'), body]);
}

/** The four bytes in front of a packet that shares the connection with the requests. */
export function interleavedHeader(channel: number, packetBytes: number): Buffer {
  const header = Buffer.from([dollar, channel, 0, 0]);
  header.writeUInt16BE(packetBytes, 2);
  return header;
}

/** Bytes up to and with the blank line; lines may end with or without a carriage return. */
function findHeadEnd(bytes: Buffer): number | undefined {
  for (let at = bytes.indexOf(lineFeed); at !== -1; at = bytes.indexOf(lineFeed, at + 1)) {
    if (bytes[at + 1] === lineFeed) return at + 2;
    if (bytes[at + 1] === carriageReturn && bytes[at + 2] === lineFeed) return at + 3;
  }
  return undefined;
}

type ParsedHead =
  | MalformedInput
  | {
      readonly kind: 'head';
      readonly request: Omit<RtspRequest, 'kind' | 'body'>;
      readonly bodyBytes: number;
    };

function parseHead(head: string): ParsedHead {
  const [requestLine = '', ...headerLines] = head
    .replace(/\r?\n[ \t]+/g, ' ')
    .trimEnd()
    .split(/\r?\n/);
  const [, method, uri, version] = /^([A-Z_]+) (\S+) (RTSP\/\d+\.\d+)$/.exec(requestLine.trimEnd()) ?? [];
  if (method === undefined || uri === undefined || version === undefined) {
    return { kind: 'malformed', status: 400, reason: 'the request line is not that of RTSP' };
  }
  const headers = parseHeaders(headerLines);
  if (headers === undefined) return { kind: 'malformed', status: 400, reason: 'a header has no name' };
  const length = headers.get('content-length') ?? '0';
  if (!/^\d+$/.test(length))
    return { kind: 'malformed', status: 400, reason: 'Content-Length is not a number' };
  const bodyBytes = Number(length);
  if (bodyBytes > maxBodyBytes) {
    return { kind: 'malformed', status: 413, reason: `the body is longer than ${maxBodyBytes} bytes` };
  }
  return { kind: 'head', request: { method, uri, version, headers }, bodyBytes };
}

function parseHeaders(lines: readonly string[]): Map<string, string> | undefined {
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon <= 0) return undefined;
    const name = line.slice(0, colon).trim().toLowerCase();
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    headers.set(name, earlier === undefined ? value : `${earlier}, ${value}`);
  }
  return headers;
}
