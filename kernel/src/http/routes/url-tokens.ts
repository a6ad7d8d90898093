/** Tokens for URLs over HTTP. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { urlTokenName, type UrlTokens } from '../../auth/url-tokens.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

const body = z
  .object({ url: z.string(), ttl_seconds: z.int().min(1).max(3600).default(300) })
  .meta({ id: 'UrlTokenRequest' });
const output = z
  .object({ url: z.string(), token: z.string(), expires_at: z.string() })
  .meta({ id: 'UrlToken' });

export function urlTokenRoutes({ urlTokens }: { urlTokens: UrlTokens }): KernelRoute[] {
  return [
    kernelRoute.post('/api/v1/auth/url-tokens', {
      summary:
        'A token that opens one URL of footage, for what can send no header: a video, an image, a player. Of a review session it opens all files',
      capability: 'authenticated',
      scope: { none: 'it opens nothing that its maker may not open', limited: 'serve' },
      audit: { none: 'what is opened with it is written down in the name of its maker' },
      body,
      output,
      handle({ body: { url, ttl_seconds: seconds }, caller }) {
        const { token, expiresAt } = urlTokens.mint(caller, url, seconds * 1000);
        return {
          url: `${url}${url.includes('?') ? '&' : '?'}${urlTokenName}=${token}`,
          token,
          expires_at: formatRfc3339(expiresAt),
        };
      },
    }),
  ];
}
