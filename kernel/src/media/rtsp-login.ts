/** How does an RTSP camera want its callers to sign in, and what is the answer? (RFC 7617 for Basic, RFC 2617 for Digest.) */
import { createHash, randomBytes } from 'node:crypto';

/** A `WWW-Authenticate` header of an answer with status 401. */
export interface Challenge {
  /** As sent: `Basic`, `Digest`. */
  readonly scheme: string;
  /** Of a digest; MD5 when the camera names none. */
  readonly algorithm: string | null;
  /** By lower-case name. */
  readonly parameters: Readonly<Record<string, string>>;
}

export interface Login {
  readonly user: string;
  readonly password: string;
}

/** null: the line is another header. */
export function parseChallenge(line: string): Challenge | null {
  const [, scheme, text = ''] = /^www-authenticate:\s*([a-z0-9-]+)\s*(.*)$/i.exec(line) ?? [];
  if (scheme === undefined) return null;
  const found = text.matchAll(/([\w-]+)\s*=\s*(?:"([^"]*)"|([^\s,"]+))/g);
  const parameters = Object.fromEntries(
    [...found].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
  );
  const isDigest = scheme.toLowerCase() === 'digest';
  return { scheme, algorithm: isDigest ? (parameters['algorithm'] ?? 'MD5') : null, parameters };
}

/** True for what ffmpeg, which opens the stream in the end, can answer too. */
export function canAnswer({ scheme, algorithm }: Challenge): boolean {
  switch (scheme.toLowerCase()) {
    case 'basic':
      return true;
    case 'digest':
      return algorithm !== null && ['md5', 'md5-sess'].includes(algorithm.toLowerCase());
    default:
      return false;
  }
}

/** The value of the header `Authorization`, for a challenge that can be answered. */
export function answerChallenge(
  { scheme, algorithm, parameters }: Challenge,
  { user, password }: Login,
  request: { method: string; uri: string },
): string {
  if (scheme.toLowerCase() === 'basic')
    return `Basic ${Buffer.from(`${user}:${password}`, 'utf8').toString('base64')}`;
  const { realm = '', nonce = '', opaque, qop } = parameters;
  const hash = (...parts: readonly string[]) => createHash('md5').update(parts.join(':')).digest('hex');
  const cnonce = randomBytes(8).toString('hex');
  const isSession = algorithm?.toLowerCase() === 'md5-sess';
  const plain = hash(user, realm, password);
  const secret = isSession ? hash(plain, nonce, cnonce) : plain;
  const asked = hash(request.method, request.uri);
  const hasQop = qop?.split(',').some((way) => way.trim() === 'auth') === true;
  const count = '00000001';
  const response = hasQop ? hash(secret, nonce, count, cnonce, 'auth', asked) : hash(secret, nonce, asked);
  const fields = [
    `username="${user}"`,
    `realm="${realm}"`,
    `nonce="${nonce}"`,
    `uri="${request.uri}"`,
    `response="${response}"`,
    ...(parameters['algorithm'] === undefined ? [] : [`algorithm=${algorithm}`]),
    ...(hasQop ? ['qop=auth', `nc=${count}`] : []),
    ...(hasQop || isSession ? [`cnonce="${cnonce}"`] : []),
    ...(opaque === undefined ? [] : [`opaque="${opaque}"`]),
  ];
  return `Digest ${fields.join(', ')}`;
}
