/** By what may a caller be known? */
import { sessionCookie } from '../../auth/credential.ts';
import { urlTokenName } from '../../auth/url-tokens.ts';

export type SecurityRequirement = Readonly<Record<string, readonly string[]>>;

/** Each carries a session as well as a key. */
export const carried = {
  bearerToken: { type: 'http', scheme: 'bearer' },
  apiKeyHeader: { type: 'apiKey', in: 'header', name: 'X-API-Key' },
  sessionCookie: { type: 'apiKey', in: 'cookie', name: sessionCookie },
} as const;

/** Of routes that take it. */
export const inUrl = {
  urlToken: { type: 'apiKey', in: 'query', name: urlTokenName },
} as const;

export function anyOf(schemes: object): SecurityRequirement[] {
  return Object.keys(schemes).map((name) => ({ [name]: [] }));
}
