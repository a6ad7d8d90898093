/** Which node is this? */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export function siteRoutes(site: {
  /** HELDAR_SITE_ID. */
  readonly siteId: string | null;
  readonly name: string;
  readonly version: string;
  /** ms since the epoch. */
  readonly startedAt: number;
}): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/site', {
      summary: 'Identity of this node',
      capability: 'public',
      scope: { none: 'about the node; open on purpose, and holds no secret' },
      output: z.object({
        site_id: z.string().nullable(),
        name: z.string(),
        version: z.string(),
        started_at: z.string(),
      }),
      handle: () => ({
        site_id: site.siteId,
        name: site.name,
        version: site.version,
        started_at: formatRfc3339(site.startedAt),
      }),
    }),
  ];
}
