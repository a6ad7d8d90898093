/** Signing in at another server, over HTTP: a browser is sent there and comes back. */
import { reply, z } from '@heldar/plugin-sdk';
import { nameOf } from '../../auth/caller.ts';
import { cookieNamed } from '../../auth/credential.ts';
import { callbackPath } from '../../auth/oidc/check-settings.ts';
import { errandMs, type FederatedSignIn } from '../../auth/oidc/sign-in.ts';
import type { SignInThrottle } from '../../auth/throttle.ts';
import { HeldarError, type ErrorCode } from '../../errors.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { sessionCookieText } from '../session-cookie.ts';

export interface OidcRoutesOptions {
  /** null: it is not set up. */
  readonly federated: FederatedSignIn | null;
  readonly throttle: SignInThrottle;
  readonly sessionHours: number;
  readonly cookieSecure: boolean;
}

const errandCookie = 'heldar_oidc';
const errandPath = '/api/v1/auth/oidc';
/** What a provider may send back: RFC 6749 4.1.2, OpenID Connect Core 3.1.2.5, RFC 9207. */
const callbackQuery = z.object({
  code: z.string().optional(),
  state: z.string().optional(),
  iss: z.string().optional(),
  session_state: z.string().optional(),
  error: z.string().optional(),
  error_description: z.string().optional(),
});
const common = { capability: 'public', scope: { none: 'nobody is signed in yet' } } as const;
/** Somebody was turned away: written down. */
const refusals: ReadonlySet<ErrorCode> = new Set(['unauthenticated', 'forbidden', 'conflict']);
/** Another server is asked meanwhile. */
const timeoutMs = 60_000;

export function oidcRoutes(options: OidcRoutesOptions): KernelRoute[] {
  const { throttle } = options;
  const required = (): FederatedSignIn => {
    if (options.federated === null)
      throw new HeldarError('not_found', 'sign-in at another server is not set up here (HELDAR_OIDC_ISSUER)');
    return options.federated;
  };
  const errand = (value: string, seconds: number, isSecure: boolean) =>
    `${errandCookie}=${encodeURIComponent(value)}; HttpOnly; SameSite=Lax; Path=${errandPath}; Max-Age=${seconds}${isSecure ? '; Secure' : ''}`;

  return [
    kernelRoute.get(`${errandPath}/login`, {
      ...common,
      summary:
        'Sends a browser to the sign-in server; afterwards it comes back to `return_to`, a path of this server',
      query: z.object({ return_to: z.string().default('/') }),
      timeoutMs,
      replies: {
        302: {
          description: 'To the sign-in server.',
          headers: { location: 'Where.', 'set-cookie': 'What has to come back.' },
        },
        404: { description: 'There is none.' },
        502: { description: "It can't be asked." },
      },
      async handle({ query: { return_to: returnTo } }) {
        const federated = required();
        const { url, errand: value } = await federated.begin(requireOwnPath(returnTo));
        return reply({
          status: 302,
          headers: {
            location: url,
            'set-cookie': errand(value, errandMs / 1000, federated.isSecure),
            'cache-control': 'no-store',
          },
        });
      },
    }),
    kernelRoute.get(callbackPath, {
      ...common,
      summary: 'Where the sign-in server sends a browser back to: begins its session',
      audit: { action: 'login', target: 'user' },
      query: callbackQuery,
      timeoutMs,
      replies: {
        200: {
          description: 'Signed in: a page that goes on to where it began.',
          contentType: 'text/html',
          headers: { 'set-cookie': 'The session.' },
        },
        401: { description: 'It was refused, was not begun here, or too long ago.' },
        403: { description: 'No role here, or switched off.' },
        404: { description: 'There is no sign-in server.' },
        409: { description: 'Another account here has that name.' },
        429: {
          description: 'Too many failures at this address.',
          headers: { 'retry-after': 'Seconds to wait.' },
        },
        502: { description: "The sign-in server can't be asked." },
      },
      async handle({ query, headers, client, audit, acting }) {
        const federated = required();
        const attempt = throttle.begin('another server', client.address);
        const given = Object.entries(query).filter(
          (entry): entry is [string, string] => entry[1] !== undefined,
        );
        const back = {
          query: new URLSearchParams(given),
          errand: cookieNamed(headers['cookie'], errandCookie),
          address: client.address,
          userAgent: headers['user-agent'] ?? null,
        };
        try {
          const { token, returnTo } = await federated.finish({
            ...back,
            audit: ({ id, role, ...names }) =>
              audit(id, { as: { id, role, name: nameOf(names) }, detail: { by: 'oidc' } }),
          });
          attempt.succeeded();
          return reply({
            headers: {
              'content-type': 'text/html; charset=utf-8',
              'cache-control': 'no-store',
              'content-security-policy': "default-src 'none'",
              'set-cookie': sessionCookieText(token, {
                ...options,
                isSecure: client.isSecure || federated.isSecure,
              }),
            },
            body: pageTo(returnTo),
          });
        } catch (error) {
          if (error instanceof HeldarError && refusals.has(error.code))
            await acting(null, {
              action: 'login_failed',
              as: { id: 'anonymous', name: 'anonymous', role: null },
            });
          throw error;
        }
      },
    }),
  ];
}

/** @throws HeldarError `bad_request` for what leads elsewhere. */
function requireOwnPath(path: string): string {
  const here = 'http://here.invalid';
  const url = URL.parse(path, here);
  if (!path.startsWith('/') || url?.origin !== here)
    throw new HeldarError('bad_request', 'return_to: expected a path of this server, as /docs');
  return url.pathname + url.search + url.hash;
}

/** A page of this server, and no redirect: on a way that began at another site, browsers send no strict cookie. */
function pageTo(path: string): string {
  const url = path.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>Signed in</title>
<meta http-equiv="refresh" content="0;url=${url}"></head>
<body><a href="${url}">Go on</a></body></html>
`;
}
