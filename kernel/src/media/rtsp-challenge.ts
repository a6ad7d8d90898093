/** How does an RTSP camera want its callers to sign in? Asked once, without credentials. */
import { connect } from 'node:net';

/** A `WWW-Authenticate` header of an answer with status 401. */
export interface Challenge {
  /** As sent: `Basic`, `Digest`. */
  readonly scheme: string;
  /** Of a digest; MD5 when the camera names none. */
  readonly algorithm: string | null;
}

const defaultPort = 554;
/** An answer's headers are not longer. */
const maxBytes = 16 * 1024;

/** None: it asks for nothing, speaks something else, or does not answer in time. Never rejects. */
export async function askChallenges(url: string, timeoutMs: number): Promise<Challenge[]> {
  const parsed = URL.parse(url);
  if (parsed?.protocol !== 'rtsp:') return [];
  const headers = await answerTo(parsed, timeoutMs);
  if (!/^RTSP\/1\.\d 401\b/.test(headers)) return [];
  return headers.split('\r\n').flatMap(parseChallenge);
}

function answerTo(url: URL, timeoutMs: number): Promise<string> {
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1');
  const port = url.port === '' ? defaultPort : Number(url.port);
  const target = `rtsp://${url.host}${url.pathname}${url.search}`;
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    let text = '';
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(text);
    };
    const timer = setTimeout(end, timeoutMs);
    socket.setEncoding('latin1');
    socket.once('connect', () =>
      socket.write(`DESCRIBE ${target} RTSP/1.0\r\nCSeq: 1\r\nAccept: application/sdp\r\n\r\n`),
    );
    socket.on('data', (chunk: string) => {
      text += chunk;
      if (text.includes('\r\n\r\n') || text.length > maxBytes) end();
    });
    socket.once('end', end);
    socket.once('error', end);
  });
}

function parseChallenge(line: string): Challenge[] {
  const [, scheme, parameters = ''] = /^www-authenticate:\s*([a-z0-9-]+)\s*(.*)$/i.exec(line) ?? [];
  if (scheme === undefined) return [];
  if (scheme.toLowerCase() !== 'digest') return [{ scheme, algorithm: null }];
  const algorithm = /(?:^|[\s,])algorithm\s*=\s*"?([a-z0-9-]+)/i.exec(parameters)?.[1] ?? 'MD5';
  return [{ scheme, algorithm }];
}
