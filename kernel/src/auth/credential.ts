/** Which credential does a request carry? */
import type { IncomingHttpHeaders } from 'node:http';

export interface Credential {
  readonly token: string;
  /** A browser adds a cookie to requests that other pages make, too. */
  readonly isCookie: boolean;
}

export const sessionCookie = 'heldar_session';

/** The first of these that is there counts, whether it is good or not: `Authorization: Bearer`, `X-API-Key`, the cookie. */
export function credentialOf(headers: IncomingHttpHeaders): Credential | null {
  const token = bearerOf(headers.authorization) ?? filled(single(headers['x-api-key']));
  if (token !== null) return { token, isCookie: false };
  const cookie = cookieNamed(headers.cookie, sessionCookie);
  return cookie === undefined ? null : { token: cookie, isCookie: true };
}

function bearerOf(value: string | undefined): string | null {
  const text = value?.trim() ?? '';
  return text.startsWith('Bearer ') || text.startsWith('bearer ')
    ? filled(text.slice('Bearer '.length))
    : null;
}

/** The first of that name that is not empty, decoded. */
export function cookieNamed(header: string | undefined, wanted: string): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = split(part.trim());
    if (name === wanted && value !== '') return decoded(value);
  }
  return undefined;
}

function decoded(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

function split(pair: string): [string, string] {
  const at = pair.indexOf('=');
  return at === -1 ? [pair, ''] : [pair.slice(0, at), pair.slice(at + 1)];
}

function filled(value: string | undefined): string | null {
  const text = value?.trim() ?? '';
  return text === '' ? null : text;
}

function single(value: string | string[] | undefined): string | undefined {
  return typeof value === 'string' ? value : value?.[0];
}
