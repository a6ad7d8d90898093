/** What does an RTSP camera say of its stream? Asked over one connection, without opening the stream (RFC 2326). */
import { connect, type Socket } from 'node:net';
import { messageOf } from '../errors.ts';
import { answerChallenge, canAnswer, parseChallenge, type Challenge, type Login } from './rtsp-login.ts';

export type Description =
  | { readonly ok: true; readonly sdp: string }
  | {
      readonly ok: false;
      /** null: it could not be reached, or did not answer as RTSP. */
      readonly status: number | null;
      /** Ways to sign in that it offers; empty when it asks for nothing. */
      readonly challenges: readonly Challenge[];
      /** Holds no credentials. */
      readonly error: string;
    };

export interface DescribeOptions {
  /** For all of it, ms. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

const defaultPort = 554;
/** An answer is not longer. */
const maxBytes = 64 * 1024;

/**
 * Signs in with the credentials of the URL when the camera asks for it in a way that ffmpeg knows too. Takes `rtsp:` URLs; never rejects.
 */
export async function describeStream(url: string, options: DescribeOptions): Promise<Description> {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'rtsp:') return failed(null, 'it is no RTSP address');
  const connection = openConnection(parsed, options);
  try {
    return await ask(connection, parsed);
  } catch (error) {
    return failed(null, messageOf(error));
  } finally {
    connection.close();
  }
}

async function ask(connection: Connection, url: URL): Promise<Description> {
  const uri = `rtsp://${url.host}${url.pathname}${url.search}`;
  const first = await connection.request(describeRequest(uri, 1, null));
  const challenge = first.challenges.find(canAnswer);
  const login = loginOf(url);
  if (first.status !== 401 || challenge === undefined || login === null) return described(first);
  const authorization = answerChallenge(challenge, login, { method: 'DESCRIBE', uri });
  return described(await connection.request(describeRequest(uri, 2, authorization)));
}

function described({ status, phrase, challenges, body }: Answer): Description {
  if (status === 200) return { ok: true, sdp: body };
  return { ok: false, status, challenges, error: `the camera answers ${status} ${phrase}` };
}

function failed(status: null, error: string): Description {
  return { ok: false, status, challenges: [], error };
}

/** @throws URIError for a percent sign that encodes nothing. */
function loginOf(url: URL): Login | null {
  if (url.username === '' && url.password === '') return null;
  return { user: decodeURIComponent(url.username), password: decodeURIComponent(url.password) };
}

function describeRequest(uri: string, sequence: number, authorization: string | null): string {
  const lines = [
    `DESCRIBE ${uri} RTSP/1.0`,
    `CSeq: ${sequence}`,
    'User-Agent: Heldar',
    'Accept: application/sdp',
    ...(authorization === null ? [] : [`Authorization: ${authorization}`]),
  ];
  return `${lines.join('\r\n')}\r\n\r\n`;
}

interface Answer {
  readonly status: number;
  readonly phrase: string;
  readonly challenges: Challenge[];
  readonly body: string;
}

interface Connection {
  /** One at a time. Rejects when the connection ends, or the time is up, before the whole answer has come. */
  request(text: string): Promise<Answer>;
  close(): void;
}

function openConnection(url: URL, { timeoutMs, signal }: DescribeOptions): Connection {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const socket: Socket = connect({ host, port: url.port === '' ? defaultPort : Number(url.port) });
  let received = '';
  let fault: Error | null = null;
  let waiting: { resolve(answer: Answer): void; reject(error: Error): void } | null = null;
  const end = (error: Error) => {
    fault ??= error;
    waiting?.reject(fault);
    waiting = null;
    socket.destroy();
  };
  const timer = setTimeout(() => end(new Error(`no answer within ${timeoutMs / 1000} s`)), timeoutMs);
  const abort = () => end(new Error('given up'));
  signal?.addEventListener('abort', abort, { once: true });
  if (signal?.aborted === true) abort();
  // Every byte one character, so that lengths are right; what is asked of the text is ASCII.
  socket.setEncoding('latin1');
  socket.on('data', (chunk: string) => {
    received += chunk;
    if (received.length > maxBytes) return end(new Error('the answer is too long'));
    const answer = parseAnswer(received);
    if (answer === null) return;
    if (answer === 'malformed') return end(new Error('the answer is not RTSP'));
    received = '';
    waiting?.resolve(answer);
    waiting = null;
  });
  socket.once('end', () => end(new Error('the camera closed the connection')));
  socket.once('error', end);
  return {
    request: (text) =>
      new Promise((resolve, reject) => {
        if (fault !== null) return reject(fault);
        waiting = { resolve, reject };
        socket.write(text, 'latin1');
      }),
    close() {
      clearTimeout(timer);
      signal?.removeEventListener('abort', abort);
      socket.destroy();
    },
  };
}

/** null: not all of it is there yet. */
function parseAnswer(text: string): Answer | 'malformed' | null {
  if (text.length >= 5 && !text.startsWith('RTSP/')) return 'malformed';
  const headEnd = text.indexOf('\r\n\r\n');
  if (headEnd === -1) return null;
  const [statusLine = '', ...headers] = text.slice(0, headEnd).split('\r\n');
  const [, status, phrase = ''] = /^RTSP\/1\.\d (\d{3}) ?(.*)$/.exec(statusLine) ?? [];
  if (status === undefined) return 'malformed';
  const length = headers.flatMap((line) => /^content-length:\s*(\d+)\s*$/i.exec(line)?.[1] ?? []);
  const bodyStart = headEnd + 4;
  const bodyBytes = Number(length[0] ?? 0);
  if (text.length < bodyStart + bodyBytes) return null;
  return {
    status: Number(status),
    phrase,
    challenges: headers.flatMap((line) => parseChallenge(line) ?? []),
    body: text.slice(bodyStart, bodyStart + bodyBytes),
  };
}
