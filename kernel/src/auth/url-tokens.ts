/** For what can send no header, as the `src` of a video: a token that opens one URL, for minutes, as long as the credential it was made with is good. */
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import type { Keyring } from '../secrets/keyring.ts';
import { openJson, sealJson } from '../secrets/sealed-json.ts';
import type { Caller, CredentialName } from './caller.ts';

export interface UrlTokens {
  /** @throws HeldarError `bad_request` for what is no URL that a token can open. */
  mint(
    caller: Caller,
    url: string,
    lifetimeMs: number,
  ): { readonly token: string; readonly expiresAt: number };
  /** Whose it is. @throws HeldarError `unauthenticated` when it does not open this URL, or no longer. */
  open(token: string, url: string): CredentialName;
}

/** Stands in the query. */
export const urlTokenName = 'token';

interface Content {
  readonly target: string;
  /** ms since the epoch. */
  readonly expiresAt: number;
  readonly credential: CredentialName;
}

const prefix = 'vou_';
const place = 'url token';
const longestUrl = 2000;
const openable = /^\/(?:media|api\/v1\/cameras)\/[^\s\\]+$/;

/** Sealed with the site's key: nobody can make one, and it tells nothing. */
export function createUrlTokens(keyring: Keyring, clock: Pick<Clock, 'now'>): UrlTokens {
  return {
    mint({ credential }, url, lifetimeMs) {
      const [path = ''] = url.split('?');
      const isPlain = openable.test(url) && url.length <= longestUrl && !path.split('/').some(isUpward);
      if (!isPlain)
        throw new HeldarError(
          'bad_request',
          'url: expected a path below /media/ or /api/v1/cameras/, as in the answers of this API',
        );
      const expiresAt = clock.now() + lifetimeMs;
      const content: Content = { target: targetOf(url), expiresAt, credential };
      const sealed = sealJson(keyring, content, place);
      return { token: `${prefix}${sealed.split(':').slice(2).join('.')}`, expiresAt };
    },
    open(token, url) {
      const content = contentOf(keyring, token);
      if (content === null || content.target !== targetOf(url) || content.expiresAt <= clock.now())
        throw new HeldarError('unauthenticated', 'the token of this URL is not good, or no longer');
      return content.credential;
    },
  };
}

function isUpward(segment: string): boolean {
  return /^(?:\.|%2e){1,2}$/i.test(segment);
}

/** What a token is bound to: path and query as they are sent; of a review session all that its playlist names. */
function targetOf(url: string): string {
  const [path = '', query = ''] = url.split('?');
  const session = /^\/media\/playback\/[^/]+\//.exec(path)?.[0];
  if (session !== undefined) return session;
  const asked = new URLSearchParams(query);
  asked.delete(urlTokenName);
  asked.sort();
  return `${path}?${asked.toString()}`;
}

function contentOf(keyring: Keyring, token: string): Content | null {
  if (!token.startsWith(prefix)) return null;
  return openJson(keyring, `enc:v1:${token.slice(prefix.length).replace('.', ':')}`, place);
}
