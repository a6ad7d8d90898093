/** Can the recorded stream of a camera be opened, and if not, what is to be done about it? */
import type { Clock } from '../clock.ts';
import { HeldarError } from '../errors.ts';
import { probeStream, type ProbeResult } from '../media/probe.ts';
import { describeStream } from '../media/rtsp-describe.ts';
import { canAnswer, type Challenge } from '../media/rtsp-login.ts';
import type { MediaTools } from '../media/tools.ts';
import type { CameraRow, CameraSecrets } from '../store/cameras.ts';
import { knownCredentials, maskText } from './mask.ts';
import { recordUrl } from './stream-url.ts';

/** Closed: what a person does next follows from it. */
export type UnreachableReason =
  | 'credentials_missing'
  | 'credentials_refused'
  /** It offers no way of signing in that ffmpeg knows. */
  | 'auth_unsupported'
  /** Signed in, but not allowed to see this stream. */
  | 'forbidden'
  | 'no_such_stream'
  | 'no_video'
  | 'timeout'
  | 'unreachable'
  | 'failed';

/** Masked throughout. */
export type Connectivity =
  | {
      readonly reachable: true;
      readonly codec: string | null;
      readonly width: number | null;
      readonly height: number | null;
      readonly url: string;
    }
  | {
      readonly reachable: false;
      readonly reason: UnreachableReason;
      readonly error: string;
      readonly url: string;
    };

export interface ConnectivityOptions {
  readonly tools: MediaTools;
  readonly clock: Clock;
  readonly marker: string;
  readonly signal: AbortSignal;
}

/** The whole test, ms. */
export const connectivityTimeoutMs = 12_000;
const socketTimeoutMs = 8000;
const challengeTimeoutMs = 2000;

/** @throws HeldarError `bad_request` when the stream has no URL. */
export async function testConnectivity(
  options: ConnectivityOptions,
  camera: CameraRow,
  secrets: CameraSecrets,
): Promise<Connectivity> {
  const { clock } = options;
  const source = { ...camera, ...secrets };
  const streamUrl = recordUrl(source);
  if (streamUrl === null)
    throw new HeldarError(
      'bad_request',
      `the ${camera.recordStream} stream of this camera has no URL: give ${camera.recordStream}_stream_url, or an address and a vendor with a template`,
    );
  const known = knownCredentials(source);
  const mask = (text: string) => maskText(text, known);
  const url = mask(streamUrl);
  const startedAt = clock.monotonic();
  const probe = await probeStream({
    ...options,
    url: streamUrl,
    mask,
    socketTimeoutMs,
    timeoutMs: connectivityTimeoutMs,
  });
  if (probe.ok) {
    const { videoCodec: codec, width, height } = probe.info;
    return { reachable: true, codec, width, height, url };
  }
  const leftMs = connectivityTimeoutMs - (clock.monotonic() - startedAt);
  const challenges =
    asksForCredentials(probe.error) && leftMs > 0
      ? await challengesOf(streamUrl, Math.min(challengeTimeoutMs, leftMs))
      : [];
  const reason = reasonOf(probe, streamUrl, challenges);
  const said = explanationOf(reason, challenges);
  return {
    reachable: false,
    reason,
    error: said === null ? probe.error : `${said}\n${probe.error}`,
    url,
  };
}

function reasonOf(
  { error, timedOut }: Extract<ProbeResult, { ok: false }>,
  url: string,
  challenges: readonly Challenge[],
): UnreachableReason {
  if (timedOut) return 'timeout';
  if (asksForCredentials(error)) {
    if (!/^[^:]+:\/\/[^/?#]*@/.test(url)) return 'credentials_missing';
    return challenges.length > 0 && !challenges.some(canAnswer) ? 'auth_unsupported' : 'credentials_refused';
  }
  if (/\b403\b|forbidden/i.test(error)) return 'forbidden';
  if (/\b404\b|not found/i.test(error)) return 'no_such_stream';
  if (/holds no video/.test(error)) return 'no_video';
  if (/timed out/i.test(error)) return 'timeout';
  if (/refused|no route|unreachable|resolve|name or service|network is down/i.test(error))
    return 'unreachable';
  return 'failed';
}

/** Asked without credentials: a wrong password counts as an attempt. */
async function challengesOf(streamUrl: string, timeoutMs: number): Promise<readonly Challenge[]> {
  const url = URL.parse(streamUrl);
  if (url?.protocol !== 'rtsp:') return [];
  url.username = '';
  url.password = '';
  const description = await describeStream(url.href, { timeoutMs });
  return description.ok ? [] : description.challenges;
}

function asksForCredentials(error: string): boolean {
  return /\b401\b|unauthorized/i.test(error);
}

function explanationOf(reason: UnreachableReason, challenges: readonly Challenge[]): string | null {
  const ways = [...new Set(challenges.map(nameOf))].join(', ');
  const how = ways === '' ? '' : ` (${ways})`;
  switch (reason) {
    case 'credentials_missing':
      return `the camera asks for a user name and password${how}: set username and password, or put them into the stream URL`;
    case 'credentials_refused':
      return `the camera refuses this user name or password${how}: correct them`;
    case 'auth_unsupported':
      return `the camera wants a sign-in that ffmpeg does not know${how}: allow Digest with MD5, or Basic, in the camera`;
    case 'forbidden':
      return 'the camera does not allow this user to see the stream: give the user the right to view it';
    case 'no_such_stream':
      return 'the camera has no stream of that path: correct the stream URL or the vendor';
    case 'no_video':
    case 'timeout':
    case 'unreachable':
    case 'failed':
      return null;
  }
}

function nameOf({ scheme, algorithm }: Challenge): string {
  return algorithm === null ? scheme : `${scheme} ${algorithm}`;
}
