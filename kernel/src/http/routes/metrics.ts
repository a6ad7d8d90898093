/** The figures for Prometheus. */
import { reply } from '@heldar/plugin-sdk';
import type { Metrics } from '../../observe/metrics.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export function metricsRoutes(metrics: Metrics): KernelRoute[] {
  return [
    kernelRoute.get('/metrics', {
      summary: 'Prometheus text exposition, format 0.0.4',
      capability: 'view',
      scope: { none: 'operating figures of all cameras, without footage or detections' },
      replies: { 200: { description: 'The figures.', contentType: 'text/plain' } },
      async handle() {
        const body = await metrics.expose();
        return reply({ headers: { 'content-type': metrics.contentType }, body });
      },
    }),
  ];
}
