/** Recordings and evidence stills as files: known names only, whole or in part. */
import { join } from 'node:path';
import { z } from '@heldar/plugin-sdk';
import { HeldarError } from '../../errors.ts';
import type { RecordingRoots } from '../../recording/roots.ts';
import { evidenceCamera } from '../../store/evidence-queries.ts';
import { rootOfSegmentFile } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { fileReplies, fileRequestHeaders, serveFile } from '../file-answer.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export function mediaFileRoutes(options: {
  store: Pick<Store, 'read'>;
  roots: Pick<RecordingRoots, 'pathOf'>;
  /** Absolute. */
  snapshotsDir: string;
}): KernelRoute[] {
  const { store } = options;
  const missing = () => new HeldarError('not_found', 'no such file');
  return [
    kernelRoute.get('/media/recordings/:camera_id/:file', {
      summary: 'A recorded segment; byte ranges work',
      capability: 'view',
      scope: { camera: 'params.camera_id' },
      params: z.object({ camera_id: z.string(), file: z.string() }),
      headers: fileRequestHeaders,
      replies: fileReplies('video/mp4'),
      handle({ params: { camera_id: camera, file }, headers }) {
        const root = rootOfSegmentFile(store.read, camera, `${camera}/${file}`);
        const folder = root === undefined ? undefined : options.roots.pathOf(root);
        if (folder === undefined) throw missing();
        return serveFile(join(folder, camera, file), 'video/mp4', headers);
      },
    }),
    kernelRoute.get('/media/snapshots/:file', {
      summary: 'A still kept as evidence',
      capability: 'view',
      scope: { rows: 'cameras' },
      params: z.object({ file: z.string() }),
      headers: fileRequestHeaders,
      replies: fileReplies('image/jpeg'),
      handle({ params: { file }, cameras, headers }) {
        const camera = evidenceCamera(store.read, file);
        if (camera === undefined || !cameras.includes(camera)) throw missing();
        return serveFile(join(options.snapshotsDir, file), 'image/jpeg', headers);
      },
    }),
  ];
}
