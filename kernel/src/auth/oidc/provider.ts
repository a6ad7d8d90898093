/** The server that people sign in at: OpenID Connect, authorization code with PKCE. */
import * as oidc from 'openid-client';
import { HeldarError, messageOf } from '../../errors.ts';
import type { OidcSettings } from './check-settings.ts';

/** What is remembered between the way there and the way back. */
export interface Errand {
  readonly state: string;
  readonly nonce: string;
  readonly verifier: string;
}

export interface Claims {
  readonly subject: string;
  readonly username: string;
  readonly displayName: string | null;
  /** Of the claim that roles are read from. */
  readonly groups: readonly string[];
}

export interface Provider {
  /** Where a browser is sent, and what to remember. @throws HeldarError `gateway`. */
  begin(): Promise<{ readonly url: string; readonly errand: Errand }>;
  /**
   * Who came back. `query`: as the provider sent it.
   * @throws HeldarError `unauthenticated` when it is refused or does not belong to the errand, `gateway` when the provider can't be asked.
   */
  finish(query: URLSearchParams, errand: Errand): Promise<Claims>;
}

export function createProvider(settings: OidcSettings): Provider {
  const { issuer, clientId, clientSecret, redirectUrl, scopes, roleClaim } = settings;
  let known: Promise<oidc.Configuration> | null = null;

  /** Asked for again after a failure: the provider may start later than this kernel. */
  const configuration = async (): Promise<oidc.Configuration> => {
    const isPlain = new URL(issuer).protocol === 'http:';
    known ??= oidc.discovery(new URL(issuer), clientId, clientSecret ?? undefined, undefined, {
      execute: isPlain ? [oidc.allowInsecureRequests] : [],
    });
    try {
      return await known;
    } catch (error) {
      known = null;
      throw unreachable(error, issuer);
    }
  };

  return {
    async begin() {
      const verifier = oidc.randomPKCECodeVerifier();
      const errand = { state: oidc.randomState(), nonce: oidc.randomNonce(), verifier };
      const url = oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: redirectUrl,
        scope: scopes.join(' '),
        state: errand.state,
        nonce: errand.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
      });
      return { url: url.href, errand };
    },
    async finish(query, { state, nonce, verifier }) {
      const config = await configuration();
      const current = new URL(redirectUrl);
      current.search = query.toString();
      try {
        const tokens = await oidc.authorizationCodeGrant(config, current, {
          expectedState: state,
          expectedNonce: nonce,
          pkceCodeVerifier: verifier,
          idTokenExpected: true,
        });
        const claims: Record<string, unknown> = { ...tokens.claims() };
        const subject = String(claims['sub']);
        // Some providers tell names and groups only here.
        if (config.serverMetadata().userinfo_endpoint !== undefined)
          Object.assign(claims, await oidc.fetchUserInfo(config, tokens.access_token, subject));
        return claimsOf(claims, subject, roleClaim);
      } catch (error) {
        throw failureOf(error, issuer);
      }
    },
  };
}

function claimsOf(claims: Record<string, unknown>, subject: string, roleClaim: string): Claims {
  const text = (name: string) => {
    const value = claims[name];
    return typeof value === 'string' && value.trim() !== '' ? value.trim() : null;
  };
  const groups = claims[roleClaim];
  return {
    subject,
    username: text('preferred_username') ?? text('email') ?? subject,
    displayName: text('name'),
    groups: (Array.isArray(groups) ? groups : [groups]).filter((group) => typeof group === 'string'),
  };
}

/** What the library says of a refusal holds no secret: codes of RFC 6749 and names of claims. */
function failureOf(error: unknown, issuer: string): HeldarError {
  const isUnreachable = error instanceof TypeError || (error as { name?: string }).name === 'TimeoutError';
  if (isUnreachable) return unreachable(error, issuer);
  const { error: code } = error as { error?: unknown };
  const reason = typeof code === 'string' ? code.slice(0, 100) : messageOf(error);
  return new HeldarError('unauthenticated', `the sign-in server did not let you in: ${reason}`, {
    cause: error,
  });
}

function unreachable(error: unknown, issuer: string): HeldarError {
  return new HeldarError('gateway', `the sign-in server ${issuer} can't be asked: ${messageOf(error)}`, {
    cause: error,
  });
}
