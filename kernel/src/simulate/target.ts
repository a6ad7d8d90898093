/** What does the address in a request name? */
import { controlOf } from './sdp.ts';
import type { MediaTrack } from './media-track.ts';

export type RequestTarget =
  /** `*`: the server as a whole. */
  | { readonly kind: 'server' }
  | { readonly kind: 'camera'; readonly cameraUrl: string }
  | { readonly kind: 'track'; readonly cameraUrl: string; readonly track: MediaTrack }
  | { readonly kind: 'unknown' };

/** Looks at the path alone: a client may know the host by another name. */
export function readTarget(uri: string, cameraPath: string, tracks: readonly MediaTrack[]): RequestTarget {
  if (uri === '*') return { kind: 'server' };
  const url = URL.parse(uri);
  if (url?.protocol !== 'rtsp:') return { kind: 'unknown' };
  const path = withoutLastSlash(url.pathname);
  const cameraUrl = `rtsp://${url.host}${cameraPath}`;
  if (path === withoutLastSlash(cameraPath)) return { kind: 'camera', cameraUrl };
  const track = tracks.find((candidate) => path === new URL(trackUrl(cameraUrl, candidate)).pathname);
  return track === undefined ? { kind: 'unknown' } : { kind: 'track', cameraUrl, track };
}

/** What relative addresses in the description are relative to. */
export function contentBase(cameraUrl: string): string {
  return `${withoutLastSlash(cameraUrl)}/`;
}

export function trackUrl(cameraUrl: string, track: MediaTrack): string {
  return `${contentBase(cameraUrl)}${controlOf(track)}`;
}

function withoutLastSlash(text: string): string {
  return text.endsWith('/') ? text.slice(0, -1) : text;
}
