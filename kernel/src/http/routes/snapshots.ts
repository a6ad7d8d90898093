/** One JPEG of a camera, over HTTP: as recorded at a moment, or as it looks now. */
import { formatRfc3339, reply, z } from '@heldar/plugin-sdk';
import { capturedAtText } from '../../media/frame-id.ts';
import type { Stills } from '../../playback/stills.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { timeParam } from '../query-params.ts';

/** A still has 20 s, and may have to wait for others. */
const timeoutMs = 60_000;

export function snapshotRoutes({ stills }: { stills: Stills }): KernelRoute[] {
  return [
    kernelRoute.get('/api/v1/cameras/:id/snapshot', {
      summary: 'One JPEG: with `at` out of the recordings, without from the camera now',
      capability: 'view',
      scope: { camera: 'params.id' },
      audit: { action: 'take_snapshot', target: 'camera' },
      params: z.object({ id: z.string() }),
      query: z.object({ at: timeParam() }),
      replies: {
        200: {
          description: 'The picture.',
          contentType: 'image/jpeg',
          headers: { 'x-frame-captured-at': 'When it was taken.' },
        },
      },
      timeoutMs,
      urlToken: true,
      async handle({ params: { id }, query: { at }, accessed }) {
        await accessed(id, { detail: { at: at === undefined ? null : formatRfc3339(at.ms) } });
        const { jpeg, takenAt } = await (at === undefined ? stills.live(id) : stills.recorded(id, at.ms));
        return reply({
          headers: {
            'content-type': 'image/jpeg',
            'cache-control': 'no-store',
            'x-frame-captured-at': capturedAtText(takenAt),
          },
          body: jpeg,
        });
      },
    }),
  ];
}
