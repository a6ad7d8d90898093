/** Previews over HTTP: small stills, one a segment, for a timeline to show. */
import { formatRfc3339, z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import type { LocateFootage } from '../../playback/footage.ts';
import { rootOfPreview } from '../../store/preview-queries.ts';
import { previewPath } from '../../store/segment-paths.ts';
import { listSegments } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { fileReplies, fileRequestHeaders, serveFile } from '../file-answer.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';
import { limitParam, timeParam } from '../query-params.ts';

const previewOutput = z
  .object({
    segment_id: z.string(),
    /** When its picture was taken. */
    at: z.string(),
    url: z.string(),
    size_bytes: z.int(),
  })
  .meta({ id: 'Preview' });

export function previewRoutes(options: { store: Pick<Store, 'read'>; locate: LocateFootage }): KernelRoute[] {
  const { store } = options;
  return [
    kernelRoute.get('/api/v1/cameras/:id/previews', {
      summary: 'Previews of the segments that overlap the window, ascending: the first picture of each',
      capability: 'view',
      scope: { camera: 'params.id' },
      params: z.object({ id: z.string() }),
      query: z.object({ from: timeParam(), to: timeParam(), limit: limitParam(500, 1, 5000) }),
      output: z.array(previewOutput),
      handle: ({ params: { id }, query: { from, to, limit } }) =>
        listSegments(store.read, id, { from: from?.ms, to: to?.ms }, limit).flatMap((segment) =>
          segment.previewBytes === null || segment.previewBytes === 0
            ? []
            : [
                {
                  segment_id: segment.id,
                  at: formatRfc3339(segment.startTime),
                  url: `/media/previews/${previewPath(segment.path)}`,
                  size_bytes: segment.previewBytes,
                },
              ],
        ),
    }),
    kernelRoute.get('/media/previews/:camera_id/:file', {
      summary: 'A preview',
      capability: 'view',
      scope: { camera: 'params.camera_id' },
      audit: { action: 'read_previews', target: 'camera' },
      params: z.object({ camera_id: z.string(), file: z.string() }),
      headers: fileRequestHeaders,
      urlToken: true,
      replies: fileReplies('image/jpeg'),
      async handle({ params: { camera_id: camera, file }, headers, accessed }) {
        const path = `${camera}/${file.replace(/\.jpg$/, '.mp4')}`;
        const root = file.endsWith('.jpg') ? rootOfPreview(store.read, camera, path) : undefined;
        const found = root === undefined ? null : options.locate({ root, path: previewPath(path) });
        if (found === null) throw new HeldarError('not_found', 'no such file');
        await accessed(camera);
        return serveFile(found, 'image/jpeg', headers);
      },
    }),
  ];
}
