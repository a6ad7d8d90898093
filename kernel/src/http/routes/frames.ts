/** The newest sampled frame of a camera, over HTTP. */
import { reply, z } from '@heldar/plugin-sdk';
import type { CameraRegistry } from '../../cameras/registry.ts';
import type { Clock } from '../../clock.ts';
import { HeldarError } from '../../errors.ts';
import { capturedAtText } from '../../media/frame-id.ts';
import type { Samplers } from '../../media/samplers.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface FrameRoutesOptions {
  readonly registry: Pick<CameraRegistry, 'get'>;
  readonly samplers: Pick<Samplers, 'newest'>;
  readonly clock: Clock;
}

const params = z.object({
  id: z.string().transform((id, context) => {
    // Of shape, so that it is judged before the camera is looked for.
    if (/[/\\]|\.\./.test(id))
      context.issues.push({
        code: 'invalid_type',
        expected: 'string',
        input: id,
        message: 'must not hold /, \\ or ..',
      });
    return id;
  }),
});
const query = z.object({
  profile: z.enum(['sub', 'main'], { error: "must be 'sub' or 'main'" }).default('sub'),
});

const frameHeaders = {
  etag: 'Names the frame.',
  'x-frame-captured-at': 'When it was sampled.',
  'x-frame-age-ms': 'How long ago that was.',
};

export function frameRoutes({ registry, samplers, clock }: FrameRoutesOptions): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/cameras/:id/frame', {
      summary: 'Latest sampled frame as JPEG, not older than 30 s',
      capability: 'view',
      urlToken: true,
      scope: { camera: 'params.id' },
      audit: { action: 'read_frame', target: 'camera' },
      params,
      query,
      headers: { 'if-none-match': 'The `etag` of the frame at hand: 304 while it is the newest.' },
      replies: {
        200: { description: 'The frame.', contentType: 'image/jpeg', headers: frameHeaders },
        304: { description: 'There is no newer frame.', headers: frameHeaders },
      },
      async handle({ params: { id }, query: { profile }, headers, accessed }) {
        if (registry.get(id)?.enabled !== true)
          throw new HeldarError('not_found', `camera ${id} is not there, or disabled`);
        const frame = samplers.newest(id, profile);
        if (frame === undefined)
          throw new HeldarError('not_found', `no frame of the ${profile} stream of camera ${id} is at hand`);
        await accessed(id);
        const capturedAt = capturedAtText(frame.capturedAt);
        const etag = `"${frame.capturedAt}"`;
        const common = {
          'cache-control': 'no-store',
          etag,
          'x-frame-age-ms': String(Math.max(0, Math.round(clock.now() - frame.capturedAt))),
          'x-frame-captured-at': capturedAt,
        };
        if (headers['if-none-match'] === etag) return reply({ status: 304, headers: common });
        return reply({ headers: { ...common, 'content-type': 'image/jpeg' }, body: frame.jpeg });
      },
    }),
  ];
}
