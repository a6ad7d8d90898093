/** A trigger by hand, over HTTP. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../../cameras/registry.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import type { Fleet } from '../../recording/fleet.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

const triggerOutput = z
  .object({
    camera_id: z.string(),
    triggered: z.literal(true),
    window_end: z.string(),
    pre_roll_seconds: z.int(),
    post_roll_seconds: z.int(),
  })
  .meta({ id: 'TriggerResult' });

export function recordTriggerRoutes(options: {
  registry: Pick<CameraRegistry, 'get'>;
  fleet: Pick<Fleet, 'trigger'>;
  clock: Clock;
}): KernelRoute[] {
  const { registry, fleet, clock } = options;
  return [
    kernelRoute.post('/api/v1/cameras/:id/record-trigger', {
      summary: 'Have a camera of an event mode recorded now, from its pre-roll on; a body is ignored',
      capability: 'manage_registry',
      scope: { camera: 'params.id' },
      audit: { action: 'record_trigger', target: 'camera' },
      params: z.object({ id: z.string() }),
      output: triggerOutput,
      async handle({ params: { id }, audit }) {
        const camera = registry.get(id);
        if (camera === undefined) throw new HeldarError('not_found', `camera ${id} not found`);
        const { until } = await fleet.trigger(id, clock.now(), {
          audit: (end) =>
            audit(id, {
              detail: { window_end: formatRfc3339(end), post_roll_seconds: camera.postRollSeconds },
            }),
        });
        return {
          camera_id: id,
          triggered: true as const,
          window_end: formatRfc3339(until),
          pre_roll_seconds: camera.preRollSeconds,
          post_roll_seconds: camera.postRollSeconds,
        };
      },
    }),
  ];
}
