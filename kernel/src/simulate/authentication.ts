/** Who may ask the camera? (RFC 7617 for Basic, RFC 2617 and RFC 7616 for Digest with MD5 and SHA-256.) */
import { createHash } from 'node:crypto';
import { HeldarError } from '../errors.ts';
import type { RtspRequest } from './rtsp-message.ts';

export const authSchemes = ['basic', 'digest-md5', 'digest-sha256'] as const;
export type AuthScheme = (typeof authSchemes)[number];

export interface Login {
  readonly user: string;
  readonly password: string;
  /** Those the camera offers, in this order. */
  readonly schemes: readonly AuthScheme[];
}

export interface Authentication {
  isAdmitted(request: RtspRequest): boolean;
  /** Values of the header `WWW-Authenticate`. */
  readonly challenges: readonly string[];
}

const realm = 'Heldar simulated camera';
const algorithms = { 'digest-md5': 'MD5', 'digest-sha256': 'SHA-256' } as const;
const hashes: Readonly<Record<string, string>> = { MD5: 'md5', 'SHA-256': 'sha256' };

/** The nonce is one for the life of the camera, as with many real ones. */
export function createAuthentication({ user, password, schemes }: Login, nonce: string): Authentication {
  const challenges = schemes.map((scheme) =>
    scheme === 'basic'
      ? `Basic realm="${realm}"`
      : `Digest realm="${realm}", nonce="${nonce}", algorithm=${algorithms[scheme]}, qop="auth"`,
  );
  const offered = new Set<string>(
    schemes.map((scheme) => (scheme === 'basic' ? 'basic' : algorithms[scheme])),
  );

  const isBasic = (credentials: string) =>
    offered.has('basic') && Buffer.from(credentials, 'base64').toString('utf8') === `${user}:${password}`;

  const isDigest = (method: string, parameters: string) => {
    const given = readParameters(parameters);
    const algorithm = (given['algorithm'] ?? 'MD5').toUpperCase();
    const hash = hashes[algorithm];
    if (hash === undefined || !offered.has(algorithm) || given['nonce'] !== nonce) return false;
    const digest = (...parts: readonly string[]) => createHash(hash).update(parts.join(':')).digest('hex');
    const secret = digest(user, realm, password);
    const asked = digest(method, given['uri'] ?? '');
    const expected =
      given['qop'] === undefined
        ? digest(secret, nonce, asked)
        : digest(secret, nonce, given['nc'] ?? '', given['cnonce'] ?? '', given['qop'], asked);
    return given['username'] === user && given['response'] === expected;
  };

  return {
    challenges,
    isAdmitted({ method, headers }) {
      const [, scheme = '', rest = ''] = /^(\w+) +(.*)$/.exec(headers.get('authorization') ?? '') ?? [];
      switch (scheme.toLowerCase()) {
        case 'basic':
          return isBasic(rest);
        case 'digest':
          return isDigest(method, rest);
        default:
          return false;
      }
    },
  };
}

/** `name="value"` or `name=value`, with commas between. */
function readParameters(text: string): Record<string, string> {
  const found = text.matchAll(/(\w+)=(?:"([^"]*)"|([^\s,]+))/g);
  return Object.fromEntries(
    [...found].map(([, name = '', quoted, plain]) => [name.toLowerCase(), quoted ?? plain ?? '']),
  );
}

/** @throws HeldarError `usage` for what is no list of schemes. */
export function parseAuthSchemes(text: string): AuthScheme[] {
  return text.split(',').map((name) => {
    const scheme = authSchemes.find((known) => known === name.trim());
    if (scheme !== undefined) return scheme;
    throw new HeldarError(
      'usage',
      `'${name}' is no way to authenticate. Choose from: ${authSchemes.join(', ')}.`,
    );
  });
}
