/** What has a request to do with: its address, its session, its connection? */
import type { Camera } from './camera.ts';
import type { Connection } from './connection.ts';
import type { ResponseHeaders, RtspRequest, RtspResponse, RtspStatus } from './rtsp-message.ts';
import type { Session } from './session.ts';
import type { RequestTarget } from './target.ts';

export interface Exchange {
  readonly camera: Camera;
  readonly connection: Connection;
  readonly request: RtspRequest;
  readonly target: RequestTarget;
  /** The one the request names; null when it names none. */
  readonly session: Session | null;
}

export function ok(headers: ResponseHeaders = {}, body?: string): RtspResponse {
  return body === undefined ? { status: 200, headers } : { status: 200, headers, body };
}

export function refuse(status: RtspStatus, headers: ResponseHeaders = {}): RtspResponse {
  return { status, headers };
}
