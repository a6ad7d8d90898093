/** Recordings, clips, stills and review sessions as files: known names only, whole or in part. */
import { join } from 'node:path';
import { z } from '@heldar/plugin-sdk';
import { urlTokenName } from '../../auth/url-tokens.ts';
import { HeldarError } from '../../errors.ts';
import { clipFileName } from '../../playback/clips.ts';
import type { LocateFootage } from '../../playback/footage.ts';
import { playlistName, tokenedPlaylist } from '../../playback/playlist.ts';
import type { SessionFile, Sessions } from '../../playback/sessions.ts';
import { parseOpenFileName } from '../../recording/file-names.ts';
import { evidenceCamera } from '../../store/evidence-queries.ts';
import { hasSnapshotFile, readClip } from '../../store/export-queries.ts';
import { rootOfSegmentFile } from '../../store/segment-queries.ts';
import type { Store } from '../../store/store.ts';
import { fileReplies, fileRequestHeaders, serveBytes, serveFile } from '../file-answer.ts';
import { kernelRoute, type KernelRoute } from '../kernel-route.ts';

export interface MediaFileRoutesOptions {
  readonly store: Pick<Store, 'read'>;
  readonly sessions: Pick<Sessions, 'read' | 'file'>;
  readonly locate: LocateFootage;
  /** The root that files of this camera are written to now; null: it is not being recorded. */
  readonly writingRoot: (cameraId: string) => string | null;
  /** Absolute. */
  readonly clipsDir: string;
  /** Absolute. */
  readonly snapshotsDir: string;
}

const cameraFile = z.object({ camera_id: z.string(), file: z.string() });
const common = { capability: 'view', headers: fileRequestHeaders, urlToken: true } as const;
const ofCamera = { ...common, scope: { camera: 'params.camera_id' }, params: cameraFile } as const;

/** The files it names are asked for by who has the playlist's own token. */
function withToken(playlist: SessionFile, token: string): SessionFile {
  const query = `?${urlTokenName}=${token}`;
  return { ...playlist, bytes: Buffer.from(tokenedPlaylist(playlist.bytes.toString(), query)) };
}

export function mediaFileRoutes(options: MediaFileRoutesOptions): KernelRoute[] {
  const { store, sessions } = options;
  const missing = () => new HeldarError('not_found', 'no such file');

  /** A segment of the index, or the file that is being written. */
  const recordingOf = (camera: string, file: string) => {
    const path = `${camera}/${file}`;
    const indexed = rootOfSegmentFile(store.read, camera, path);
    const isOpen = indexed === undefined && parseOpenFileName(file) !== undefined;
    const root = indexed ?? (isOpen ? options.writingRoot(camera) : null);
    return root === null ? null : options.locate({ root, path });
  };

  return [
    kernelRoute.get('/media/recordings/:camera_id/:file', {
      ...ofCamera,
      summary: 'A recorded segment, also the one that is being written; byte ranges work',
      replies: fileReplies('video/mp4'),
      audit: { action: 'read_recording', target: 'recording' },
      async handle({ params: { camera_id: camera, file }, headers, accessed }) {
        const path = recordingOf(camera, file);
        if (path === null) throw missing();
        await accessed(`${camera}/${file}`);
        return serveFile(path, 'video/mp4', headers);
      },
    }),
    kernelRoute.get('/media/clips/:file', {
      ...common,
      summary: 'An exported clip; byte ranges work',
      scope: { rows: 'cameras' },
      audit: { action: 'read_clip', target: 'clip' },
      params: z.object({ file: z.string() }),
      replies: fileReplies('video/mp4'),
      async handle({ params: { file }, cameras, headers, accessed }) {
        const [, id] = /^(clip_[0-9a-f]{32})\.mp4$/.exec(file) ?? [];
        const clip = id === undefined ? undefined : readClip(store.read, id);
        if (clip === undefined || !cameras.includes(clip.cameraId)) throw missing();
        await accessed(clip.id, { camera: clip.cameraId });
        return serveFile(join(options.clipsDir, clipFileName(clip.id)), 'video/mp4', headers);
      },
    }),
    kernelRoute.get('/media/snapshots/:file', {
      ...common,
      summary: 'A still kept as evidence',
      scope: { rows: 'cameras' },
      audit: { action: 'read_evidence', target: 'evidence' },
      params: z.object({ file: z.string() }),
      replies: fileReplies('image/jpeg'),
      async handle({ params: { file }, cameras, headers, accessed }) {
        const camera = evidenceCamera(store.read, file);
        if (camera === undefined || !cameras.includes(camera)) throw missing();
        await accessed(file, { camera });
        return serveFile(join(options.snapshotsDir, file), 'image/jpeg', headers);
      },
    }),
    kernelRoute.get('/media/snapshots/:camera_id/:file', {
      ...ofCamera,
      summary: 'A scheduled snapshot',
      replies: fileReplies('image/jpeg'),
      audit: { action: 'read_snapshot', target: 'snapshot' },
      async handle({ params: { camera_id: camera, file }, headers, accessed }) {
        if (!hasSnapshotFile(store.read, camera, `${camera}/${file}`)) throw missing();
        await accessed(`${camera}/${file}`);
        return serveFile(join(options.snapshotsDir, camera, file), 'image/jpeg', headers);
      },
    }),
    kernelRoute.get('/media/playback/:session_id/:file', {
      ...common,
      summary: 'The playlist `index.m3u8` of a review session, and the files it names',
      scope: { rows: 'cameras' },
      audit: { action: 'read_playback', target: 'playback_session' },
      params: z.object({ session_id: z.string(), file: z.string() }),
      replies: fileReplies('video/mp4'),
      async handle({ params: { session_id: id, file }, cameras, headers, accessed, urlToken }) {
        const session = sessions.read(id);
        if (session === undefined || !cameras.includes(session.cameraId)) throw missing();
        await accessed(id, { camera: session.cameraId });
        const content = await sessions.file(session, file);
        if (content === undefined) throw missing();
        const isPlaylist = file === playlistName && urlToken !== null;
        return serveBytes(isPlaylist ? withToken(content, urlToken) : content, headers);
      },
    }),
  ];
}
